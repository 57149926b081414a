import { expect, test } from "vitest";
import { polling } from "./queries";
import { archivedUntil, discovering, having, nextRun, pace, type Task } from "./task";

const now = Date.parse("2026-11-23T12:00:00Z");

const task: Task = {
  id: "t",
  name: "Box",
  connection: "Connected",
  frequency: "daily",
  hour: 1,
  autoActivate: false,
  region: "eu-central-1",
  created: "2026-11-22T12:00:00Z",
  policy: {
    versions: false,
    trash: false,
    index: true,
    retention: null,
    archiveDays: 0,
    ceiling: 0,
    concurrency: 0,
  },
  users: {
    total: 2,
    active: 2,
    archived: 0,
    deleted: 0,
    byStatus: { Success: 2 },
    items: 5,
    size: 7,
    lastBackup: "2026-11-23T01:00:00Z",
  },
};

test("a status that no Box user has is had by none", () => {
  expect([having(task, "Success"), having(task, "Failed")]).toEqual([2, 0]);
});

test("a connected task without Box users is finding them", () => {
  const none = { ...task.users, total: 0 };
  expect(discovering({ ...task, users: none })).toBe(true);
  expect(discovering({ ...task, users: none, connection: "Disconnected" })).toBe(false);
  expect(discovering(task)).toBe(false);
});

test.each([
  ["nothing moves", {}, polling.slow],
  ["a backup is in process", { users: { ...task.users, byStatus: { "In Process": 1 } } }, polling.quick],
  [
    "something is being done for many Box users",
    { going: { action: "pause" as const, asked: "", by: "", done: 0, refused: 0 } },
    polling.quick,
  ],
  ["newer figures are on their way", { users: { ...task.users, outdated: true } }, polling.quick],
  ["Box users are being found", { users: { ...task.users, total: 0 } }, polling.quick],
  [
    "more of them may be found",
    { created: "2026-11-23T11:58:00Z", users: { ...task.users, lastBackup: undefined } },
    polling.quick,
  ],
  ["it was never backed up since", { users: { ...task.users, lastBackup: undefined } }, polling.slow],
])("how often to ask when %s", (_, some, want) => {
  expect(pace({ ...task, ...some }, now)).toBe(want);
});

test("a task whose ceiling is reached runs next when calls are made again", () => {
  const run = "2026-11-24T01:00:00Z";
  const calls = { month: "2026-11", used: 9, forecast: 9, ceiling: 9, byKind: {} };
  const at = (stoppedUntil?: string) => nextRun({ ...task, nextRun: run, calls: { ...calls, stoppedUntil } });
  expect(at("2026-12-01T00:00:00Z")).toBe("2026-12-01T00:00:00Z");
  expect([at("2026-11-24T00:00:00Z"), at(), nextRun({ ...task, nextRun: run })]).toEqual([run, run, run]);
  expect(nextRun(task)).toBeUndefined();
});

test("an archive is deleted after the task's days, unless it is held", () => {
  const days = (archiveDays: number) => ({ ...task, policy: { ...task.policy, archiveDays } });
  const archived = "2026-11-01T08:00:00Z";
  expect(archivedUntil(days(30), { archived })).toBe("2026-12-01T08:00:00.000Z");
  expect(archivedUntil(days(0), { archived })).toBeUndefined();
  expect(archivedUntil(days(30), { archived, held: "Mass deletion." })).toBeUndefined();
  expect(archivedUntil(days(30), {})).toBeUndefined();
  const shorter = (archiveDays: number, until: string) => {
    const shortened = { retention: null, archiveDays, until };
    return archivedUntil({ ...task, policy: { ...days(30).policy, shortened } }, { archived });
  };
  expect(shorter(0, "2026-12-05T00:00:00Z")).toBe("2026-12-05T00:00:00.000Z");
  expect(shorter(33, "2026-12-09T00:00:00Z")).toBe("2026-12-04T08:00:00.000Z");
  expect(shorter(0, "2026-11-20T00:00:00Z")).toBe("2026-12-01T08:00:00.000Z");
});
