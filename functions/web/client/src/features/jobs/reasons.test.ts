import { expect, test } from "vitest";
import type { JobItem } from "./list-job-items.api";
import { reasonsOf } from "./reasons";

const failed = (name: string, reason?: string): JobItem => ({
  kind: "file",
  id: name,
  name,
  outcome: "failed",
  size: 1,
  reason,
});

test("failures are grouped by reason, the most frequent first, with the first names", () => {
  const items = [
    failed("a", "Locked."),
    ...["b", "c", "d", "e"].map((n) => failed(n, "Too large.")),
    failed("f"),
  ];
  expect(reasonsOf(items)).toEqual([
    { reason: "Too large.", names: ["b", "c", "d"], items: 4 },
    { reason: "Locked.", names: ["a"], items: 1 },
    { reason: "No reason is known.", names: ["f"], items: 1 },
  ]);
});
