import { expect, test } from "vitest";
import { trial } from "./trial";

const at = (iso: string) => trial("2026-11-01T12:00:00Z", "2026-11-15T12:00:00Z", new Date(iso));

test.each([
  ["2026-11-01T12:00:00Z", "14 days left", 0],
  ["2026-11-01T12:00:01Z", "14 days left", 0],
  ["2026-11-08T12:00:00Z", "7 days left", 0.5],
  ["2026-11-14T11:59:59Z", "2 days left", 0.93],
  ["2026-11-14T12:00:00Z", "1 day left", 0.93],
  ["2026-11-14T12:00:01Z", "Less than a day left", 0.93],
  ["2026-11-15T11:59:59Z", "Less than a day left", 1],
  ["2026-11-15T12:00:00Z", "Ended", 1],
  ["2027-01-01T00:00:00Z", "Ended", 1],
])("at %s: %s", (now, left, share) => {
  const t = at(now);
  expect(t.left).toBe(left);
  expect(t.share).toBeCloseTo(share, 2);
  expect(t.ended).toBe(left === "Ended");
});

test("a clock that is behind shows no more than the whole trial", () =>
  expect(at("2026-10-31T00:00:00Z").share).toBe(0));
