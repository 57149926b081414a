import { expect, test } from "vitest";
import { ago, count, date, dateTime, daysLeft, duration, hourUTC, many, size, utc } from "./format";

const en = { locale: "en-US", timeZone: "America/New_York" };

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [999, "999 bytes"],
  [1000, "1 kB"],
  [1234, "1.23 kB"],
  [999_999, "1,000 kB"],
  [15_500_000, "15.5 MB"],
  [1_230_000_000, "1.23 GB"],
  [4.2e15, "4.2 PB"],
  [9e18, "9,000 PB"],
])("%d bytes are %s", (bytes, want) => expect(size(bytes, en)).toBe(want));

test("sizes and numbers follow the locale", () => {
  expect(size(1234, { locale: "de-DE" })).toBe("1,23 kB");
  expect(count(1234567, { locale: "de-DE" })).toBe("1.234.567");
  expect(many(1, "file", "files", en)).toBe("1 file");
  expect(many(2000, "file", "files", en)).toBe("2,000 files");
});

test("times are in the viewer's zone, and in UTC on request", () => {
  expect(dateTime("2026-03-08T06:30:00Z", en)).toMatch(/Mar 8, 2026, 1:30\sAM/);
  expect(dateTime("2026-03-08T07:30:00Z", en)).toMatch(/3:30\sAM/); // the clock went forward
  expect(utc("2026-03-08T06:30:05Z", en)).toMatch(/Mar 8, 2026, 6:30:05\sAM UTC/);
  expect(date("2026-03-08T03:30:00Z", en)).toBe("Mar 7, 2026");
  expect(hourUTC(1)).toBe("01:00 UTC");
});

test.each([
  [-3, "0 s"],
  [0.4, "0 s"],
  [59, "59 s"],
  [60, "1 min"],
  [95, "1 min 35 s"],
  [3570, "1 h"],
  [3599, "1 h"],
  [7500, "2 h 5 min"],
  [200_000, "2 d 7 h"],
])("%d seconds are %s", (seconds, want) => expect(duration(seconds)).toBe(want));

test.each([
  [-30, "30 seconds ago"],
  [-3599, "59 minutes ago"],
  [-86399, "23 hours ago"],
  [-86400, "yesterday"],
  [120, "in 2 minutes"],
])("%d seconds from now is %s", (seconds, want) => {
  const now = new Date("2026-11-23T12:00:00Z");
  expect(ago(new Date(now.getTime() + seconds * 1000), now, en)).toBe(want);
});

test.each([
  [7 * 24, "7 days left"],
  [7 * 24 - 0.01, "7 days left"],
  [47, "1 day left"],
  [23.4, "23 hours left"],
  [1, "1 hour left"],
  [0.9, "Less than an hour left"],
])("%d hours before the end there are %s", (hours, want) => {
  const now = new Date("2026-11-23T12:00:00Z");
  expect(daysLeft(new Date(now.getTime() + hours * 3_600_000).toISOString(), now)).toBe(want);
});
