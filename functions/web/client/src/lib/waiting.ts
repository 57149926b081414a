import type { BoxUser } from "./box-users.api";

/** waitingFor says why a backup that is requested does not start; undefined where it starts when a worker is free. */
export function waitingFor({ requested, status, reason }: BoxUser): string | undefined {
  return requested && status === "Scheduled" ? reason : undefined;
}
