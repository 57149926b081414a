import type { Task } from "@/lib/task";

/** taskSorts is what backup tasks can be sorted by. */
export const taskSorts = ["name", "size", "lastBackup", "created", "users"] as const;

export type TaskSort = (typeof taskSorts)[number];

/** outcomes are the ways in which an authorisation at Box can end, as the address says after the way back. */
export const outcomes = ["connected", "denied", "other-enterprise", "not-administrator", "failed"] as const;

export type Outcome = (typeof outcomes)[number];

/** authorizeLabel is what the button to Box says: the first time, and later. */
export function authorizeLabel(task: Task): string {
  return task.enterprise && !isOwnApp(task) ? "Authenticate in Box again" : "Authenticate in Box";
}

/** isOwnApp tells whether a task is connected with the company's own Box app, and not by an administrator's sign-in. */
export function isOwnApp({ grant }: Task): boolean {
  return grant === "client_credentials" || grant === "jwt";
}

/** grantInWords says how a task is connected to Box. */
export function grantInWords({ grant }: Task): string {
  switch (grant) {
    case "client_credentials":
      return "Your own Box app, with client credentials";
    case "jwt":
      return "Your own Box app, with JWT";
    default:
      return "An administrator's sign-in (OAuth)";
  }
}

/** whyDisconnected says why no backup runs. */
export function whyDisconnected(task: Task): string {
  return task.reason ?? "No Box administrator has authorised this backup task yet.";
}
