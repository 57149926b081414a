import { expect, test } from "vitest";
import { capital, fieldValue, fieldWord, opensFor, scopeWord } from "./details-words";

test("Box's words begin with a capital", () => {
  expect(capital("viewer uploader")).toBe("Viewer uploader");
  expect(capital("co-owner")).toBe("Co-owner");
  expect(capital("")).toBe("");
});

test("a shared link is told in a sentence", () => {
  const link = { access: "open", canDownload: true, canEdit: false };
  expect(opensFor(link)).toBe("Anyone who has the link could download it");
  expect(opensFor({ ...link, access: "company", canEdit: true, password: true })).toBe(
    "People of the company could edit it, with a password",
  );
  expect(opensFor({ canDownload: false, canEdit: false })).toBe("Unknown could look at it");
  expect(opensFor({ ...link, access: "some_new_way" })).toBe("Some new way could download it");
});

test("metadata fields have readable names", () => {
  expect(fieldWord("contractNumber")).toBe("Contract number");
  expect(fieldWord("due_date")).toBe("Due date");
  expect(fieldWord("$template")).toBe("Template");
  expect(fieldWord("$")).toBe("$");
});

test("metadata values are written out, whatever they are", () => {
  expect(fieldValue(["North", "South"])).toBe("North, South");
  expect(fieldValue(12.5)).toBe("12.5");
  expect(fieldValue(false)).toBe("false");
  expect(fieldValue(null)).toBe("");
  expect(fieldValue("2026-11-23T00:00:00.000Z")).toMatch(/2026/);
  expect(fieldValue("2026-11-23, at noon")).toBe("2026-11-23, at noon");
  expect(fieldValue({ a: 1 })).toBe('{"a":1}');
});

test("a template is Box's own or the enterprise's", () => {
  expect(scopeWord("global")).toBe("Box's own template");
  expect(scopeWord("enterprise_800101")).toBe("The enterprise's template");
});
