import type { Task } from "@/lib/task";

/** taskSorts is what backup tasks can be sorted by. */
export const taskSorts = ["name", "size", "lastBackup", "created", "users"] as const;

export type TaskSort = (typeof taskSorts)[number];

/** outcomes are the ways in which an authorization at Box can end, as the address says after the way back. */
export const outcomes = ["connected", "denied", "other-enterprise", "not-administrator", "failed"] as const;

export type Outcome = (typeof outcomes)[number];

/** authorizeLabel is what the button to Box says: the first time, and later. */
export function authorizeLabel(task: Task): string {
  return task.enterprise ? "Authenticate in Box again" : "Authenticate in Box";
}

/** whyDisconnected says why no backup runs. */
export function whyDisconnected(task: Task): string {
  return task.reason ?? "No Box administrator has authorized this backup task yet.";
}
