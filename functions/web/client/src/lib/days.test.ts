import { afterAll, beforeAll, expect, test } from "vitest";
import { daysBefore, endOf, startOf } from "./days";

const zone = process.env.TZ;
beforeAll(() => {
  process.env.TZ = "America/New_York";
});
afterAll(() => {
  process.env.TZ = zone;
});

test("a day is from midnight to midnight of the viewer", () => {
  expect(startOf("2026-11-23").toISOString()).toBe("2026-11-23T05:00:00.000Z");
  expect(endOf("2026-11-23").toISOString()).toBe("2026-11-24T05:00:00.000Z");
});

test("the day on which the clock changes is not 24 hours long", () => {
  const hours = (day: string) => (endOf(day).getTime() - startOf(day).getTime()) / 3_600_000;
  expect([hours("2026-03-07"), hours("2026-03-08"), hours("2026-11-01")]).toEqual([24, 23, 25]);
});

test("a year that is still being typed is not taken for one of the last century", () => {
  expect(startOf("0002-01-01").getFullYear()).toBe(2);
});

test("days ago are counted in the viewer's days", () => {
  const lateEvening = new Date("2026-03-03T02:30:00Z"); // March 2 in New York
  expect(daysBefore(0, lateEvening)).toBe("2026-03-02");
  expect(daysBefore(6, lateEvening)).toBe("2026-02-24");
  expect(daysBefore(29, new Date("2026-03-10T12:00:00Z"))).toBe("2026-02-09"); // past the clock's change
});
