import { expect, test } from "vitest";
import { hoursInWords, localHour, schedule } from "./schedule";

test("a schedule says when backups begin, in UTC", () => {
  expect(schedule({ frequency: "daily", hour: 1 })).toBe("Daily at 01:00 UTC");
  expect(schedule({ frequency: "every_3_days", hour: 23 })).toBe("Every 3 days at 23:00 UTC");
});

test("three backups a day are eight hours apart, in the order of the day", () => {
  expect(hoursInWords("three_times_daily", 1)).toBe("01:00, 09:00 and 17:00 UTC");
  expect(hoursInWords("three_times_daily", 20)).toBe("04:00, 12:00 and 20:00 UTC");
});

test("the backup hour is told in the viewer's zone too", () => {
  const berlin = { locale: "en-US", timeZone: "Europe/Berlin" };
  expect(localHour(1, new Date("2026-01-10T12:00:00Z"), berlin)).toMatch(/^2:00\sAM$/);
  expect(localHour(1, new Date("2026-07-10T12:00:00Z"), berlin)).toMatch(/^3:00\sAM$/);
});
