import { expect, test } from "vitest";
import { backedUp, dayAt, dayInWords, placeOf, rangeOf, reach, top } from "./history";
import type { Day } from "./history.api";

const now = new Date("2026-11-23T23:30:00Z");

test("the sliders end today, in UTC, and begin 90 days before", () => {
  expect([dayAt(0, now), dayAt(88, now), dayAt(89, now)]).toEqual(["2026-08-26", "2026-11-22", "2026-11-23"]);
  expect(placeOf("2026-11-22", now)).toBe(88);
  expect([placeOf("2026-11-24", now), placeOf(undefined, now)]).toEqual([undefined, undefined]);
});

test("without an address that makes sense the last 30 days are shown", () => {
  const last = [reach - 30, reach - 1];
  expect(rangeOf(undefined, undefined, now)).toEqual(last);
  expect(rangeOf("2026-08-26", undefined, now)).toEqual(last);
  expect(rangeOf("2026-11-23", "2026-11-20", now)).toEqual([57, 86]);
  expect(rangeOf("2026-11-20", "2026-11-22", now)).toEqual([86, 88]);
  expect(rangeOf(undefined, "2026-08-28", now)).toEqual([0, 2]);
});

test.each([
  [0, 4],
  [4, 4],
  [5, 6],
  [37, 40],
  [61, 80],
  [99, 100],
  [640, 800],
  [1_000_001, 2_000_000],
])("a day of %d items is below %d", (added, want) => {
  expect(top([{ files: added, folders: 0, webLinks: 0 } as Day])).toBe(want);
});

test("what was new and could not be read was not backed up", () => {
  expect(backedUp({ added: 64, changed: 0, files: 50, folders: 10, webLinks: 1, failed: 3 } as Day)).toBe(61);
});

test("a day is told without the viewer's zone", () => {
  expect(dayInWords("2026-11-23", { locale: "en-US" })).toBe("Nov 23");
  expect(dayInWords("2026-11-01", { locale: "en-US", year: true })).toBe("Nov 1, 2026");
});
