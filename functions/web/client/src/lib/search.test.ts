import { expect, test } from "vitest";
import { day, inside, oneOf, paging, parseSearch, sorting, text, whole, writeSearch } from "./search";

test("values that make no sense are left out", () => {
  expect([text(""), text(7), text({}), text("a")]).toEqual([undefined, "7", undefined, "a"]);
  expect([oneOf("b", ["a", "b"]), oneOf("c", ["a", "b"])]).toEqual(["b", undefined]);
  expect([whole("3", 2), whole(1, 2), whole("x", 2), whole("", 0), whole(2.5, 0)]).toEqual([
    3,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect([day("2026-11-23"), day("2026-13-45"), day("yesterday")]).toEqual([
    "2026-11-23",
    undefined,
    undefined,
  ]);
  expect(paging({ page: 4 })).toEqual({});
  expect(paging({ cursor: "c", page: "4" })).toEqual({ cursor: "c", page: 4 });
  expect(sorting({ sort: "size", order: "up" }, ["name", "size"])).toEqual({
    sort: "size",
    order: undefined,
  });
});

test.each([
  "//evil.example",
  "https://evil.example",
  "/\\evil.example",
  "/\t/evil.example",
  "/..//evil.example",
  "javascript:alert(1)",
  "",
  undefined,
  5,
])("after signing in nobody is sent to %s", (value) => expect(inside(value)).toBe("/"));

test("after signing in one goes on where one was", () => {
  expect(inside("/tasks/1?status=Failed")).toBe("/tasks/1?status=Failed");
});

test("after signing in a list begins at its first page, since the cursors of an ended session are void", () => {
  expect(inside("/tasks/1?q=a&cursor=c&page=2#end")).toBe("/tasks/1?q=a#end");
  expect(inside("/jobs?cursor=c&page=2")).toBe("/jobs");
});

test("an address says the same after being read and written", () => {
  const search = { user: "12345678901234567890", q: "a&b=ü", page: 3, empty: "", none: undefined };
  const written = writeSearch(search);
  expect(written).toBe("?user=12345678901234567890&q=a%26b%3D%C3%BC&page=3");
  expect(parseSearch(written)).toEqual({ user: "12345678901234567890", q: "a&b=ü", page: "3" });
  expect(writeSearch({ none: undefined })).toBe("");
});
