import type { Schema } from "./api";
import { polling } from "./queries";

export type Task = Schema<"Task">;
export type BoxUserStatus = Schema<"BoxUser">["status"];

/** statuses are all that a Box user can have. */
export const statuses: readonly BoxUserStatus[] = [
  "Not Active",
  "Scheduled",
  "In Process",
  "Success",
  "Partial",
  "Failed",
  "Paused",
  "Archived",
];

/** having returns how many Box users of a task have a status. */
export function having(task: Task, status: BoxUserStatus): number {
  return task.users.byStatus[status] ?? 0;
}

/** nextRun is when a task backs up next: not before calls at Box are made again, where its ceiling is reached. */
export function nextRun({ nextRun, calls }: Task): string | undefined {
  const until = calls?.stoppedUntil;
  return nextRun && until && Date.parse(until) > Date.parse(nextRun) ? until : nextRun;
}

type Archive = { archived?: string; held?: string };

/** archivedUntil is when the archive of a Box user who left is deleted for good; undefined where it is kept. */
export function archivedUntil({ policy }: Task, { archived, held }: Archive): string | undefined {
  if (!archived || held || policy.archiveDays === 0) return undefined;
  const after = (days: number) => Date.parse(archived) + days * 86_400_000;
  const { archiveDays, shortened } = policy;
  const before = shortened?.archiveDays ? after(shortened.archiveDays) : Number.POSITIVE_INFINITY;
  const still = shortened ? Math.min(before, Date.parse(shortened.until)) : 0;
  return new Date(Math.max(after(archiveDays), still)).toISOString();
}

/** discovering tells whether the task's Box users are still being listed for the first time. */
export function discovering(task: Task): boolean {
  return task.connection === "Connected" && task.users.total === 0;
}

/** A task connected so recently may still find Box users, in milliseconds. */
const settling = 5 * 60_000;

/** isNew tells whether a task may still be finding its first Box users. */
function isNew(task: Task, now: number): boolean {
  return (
    task.connection === "Connected" && !task.users.lastBackup && now - Date.parse(task.created) < settling
  );
}

/** pace is how often to ask for a task anew: quickly while something of it moves. */
export function pace(task: Task | undefined, now = Date.now()): number {
  if (!task) return polling.slow;
  const runs = task.progress || having(task, "In Process") > 0;
  const moves = runs || task.going || task.users.outdated || discovering(task) || isNew(task, now);
  return moves ? polling.quick : polling.slow;
}
