import { expect, test } from "vitest";
import type { Task } from "@/lib/task";
import {
  archivesExpiring,
  before,
  changes,
  expiring,
  faults,
  type Values,
  valuesOf,
} from "./settings-values";

const now = new Date("2026-11-23T12:00:00Z");
const created = new Date("2020-01-05T09:00:00Z");

const task = {
  autoActivate: false,
  frequency: "daily",
  hour: 1,
  policy: {
    versions: false,
    trash: false,
    index: true,
    retention: null,
    archiveDays: 0,
    ceiling: 0,
    concurrency: 0,
  },
} as Task;

const was = valuesOf(task);
const having = (some: Partial<Values>): Values => ({ ...was, ...some });

test("what is not changed is not sent", () => {
  expect(changes(was, was)).toEqual({});
  expect(changes(was, having({ number: 7, unit: "days", archiveDays: 5 }))).toEqual({});
});

test("what is changed is sent, and null for good", () => {
  const limited = having({
    forGood: false,
    number: 7,
    unit: "years",
    archiveForGood: false,
    archiveDays: 30,
  });
  expect(changes(was, limited)).toEqual({
    policy: { retention: { number: 7, unit: "years" }, archiveDays: 30 },
  });
  expect(changes(limited, was)).toEqual({ policy: { retention: null, archiveDays: 0 } });
  expect(changes(was, having({ hour: "4", index: false, ceiling: 50_000, concurrency: "3" }))).toEqual({
    hour: 4,
    policy: { index: false, ceiling: 50_000, concurrency: 3 },
  });
  expect(changes(having({ ceiling: 50_000 }), was)).toEqual({ policy: { ceiling: 0 } });
});

test("a task's settings are read as they were written", () => {
  const policy = { ...task.policy, retention: { number: 18, unit: "months" as const }, archiveDays: 30 };
  const values = valuesOf({ ...task, policy });
  expect(values).toMatchObject({ forGood: false, number: 18, unit: "months", archiveForGood: false });
  expect(changes(was, values).policy).toEqual({ retention: { number: 18, unit: "months" }, archiveDays: 30 });
});

test("numbers that cannot be meant are told apart", () => {
  expect(faults(was)).toEqual({});
  expect(faults(having({ forGood: false, number: "", archiveForGood: false, archiveDays: 0.5 }))).toEqual({
    number: "A whole number from 1 to 50.",
    archiveDays: "A whole number from 1 to 3,650.",
  });
  expect(faults(having({ forGood: false, number: 121, unit: "months" })).number).toMatch(/1 to 120/);
  expect(faults(having({ ceiling: -1, concurrency: 101 }))).toMatchObject({
    ceiling: expect.any(String),
    concurrency: "A whole number from 0 to 100.",
  });
});

test.each([
  [{ number: 30, unit: "days" }, "2026-10-24"],
  [{ number: 1, unit: "months" }, "2026-10-23"],
  [{ number: 7, unit: "years" }, "2019-11-23"],
] as const)("with a retention of %o snapshots expire that are older", (some, day) => {
  expect(
    before(having({ forGood: false, ...some }), now)
      ?.toISOString()
      .slice(0, 10),
  ).toBe(day);
});

test.each([
  [{ number: 1, unit: "months" }, "2027-03-31", "2027-02-28"],
  [{ number: 1, unit: "months" }, "2028-03-31", "2028-02-29"],
  [{ number: 1, unit: "months" }, "2027-07-31", "2027-06-30"],
  [{ number: 1, unit: "years" }, "2028-02-29", "2027-02-28"],
] as const)("a retention of %o ends on %s where a shorter month does", (some, day, want) => {
  const at = before(having({ forGood: false, ...some }), new Date(`${day}T12:30:00Z`));
  expect(at?.toISOString().slice(0, 10)).toBe(want);
});

test("only a shorter retention is warned of", () => {
  const year = having({ forGood: false, number: 1, unit: "years" });
  const months = having({ forGood: false, number: 6, unit: "months" });
  expect(expiring(was, year, now, created)).toMatch(/^Snapshots taken before .*2025.* deleted for good/);
  expect(expiring(year, months, now, created)).toMatch(/2026/);
  expect(expiring(months, year, now, created)).toBeUndefined();
  const decades = having({ forGood: false, number: 30, unit: "years" });
  expect(expiring(was, decades, now, created)).toBeUndefined(); // nothing is that old
  expect(expiring(year, was, now, created)).toBeUndefined();
  expect(expiring(was, having({ forGood: false, number: "" }), now, created)).toBeUndefined();
  expect(
    expiring(year, having({ forGood: false, number: 12, unit: "months" }), now, created),
  ).toBeUndefined();
});

test("only archives kept shorter are warned of", () => {
  const days = (n: number) => having({ archiveForGood: false, archiveDays: n });
  expect(archivesExpiring(was, days(30))).toMatch(/left more than 30 days ago/);
  expect(archivesExpiring(days(30), days(1))).toMatch(/a day ago/);
  expect(archivesExpiring(days(30), days(60))).toBeUndefined();
  expect(archivesExpiring(days(30), was)).toBeUndefined();
  for (const not of [0, 99_999, 1.5]) expect(archivesExpiring(was, days(not))).toBeUndefined();
});
