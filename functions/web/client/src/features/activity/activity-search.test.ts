import { expect, test } from "vitest";
import { activitySearch, queryOf } from "./activity-search";

test("an address keeps what makes sense and drops the rest", () => {
  const search = activitySearch({
    kind: "Restore",
    status: "Fine",
    from: "2026-02-30x",
    to: "2026-11-23",
    q: "ada",
  });
  expect(search).toEqual({ kind: "Restore", to: "2026-11-23", q: "ada" });
});

test("the last day is included", () => {
  const { from, to } = queryOf({ from: "2026-11-23", to: "2026-11-23" });
  expect(Date.parse(to ?? "") - Date.parse(from ?? "")).toBe(24 * 3_600_000);
});
