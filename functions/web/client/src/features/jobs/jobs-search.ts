import type { Schema } from "@/lib/api";
import { oneOf, type Paging, paging, type Search, text } from "@/lib/search";

export type JobStatus = Schema<"Job">["status"];

/** statuses are all that a job can have. */
export const statuses = [
  "In progress",
  "Succeeded",
  "Partially succeeded",
  "Failed",
  "Pending",
  "Canceled",
] as const satisfies readonly JobStatus[];

export type JobsFilter = {
  initiator?: string;
  kind?: "restore";
  service?: "box";
  /** One status, or several with commas. */
  status?: string;
  task?: string;
  /** A Box user of the task. */
  user?: string;
  q?: string;
};

export type JobsSearch = Paging & JobsFilter & { order?: "asc" };

/** jobsSearch reads the address of the list of jobs. A Box user is one of a task. */
export function jobsSearch(s: Search): JobsSearch {
  const task = text(s.task);
  return {
    initiator: text(s.initiator),
    kind: oneOf(s.kind, ["restore"]),
    service: oneOf(s.service, ["box"]),
    status: writeStatuses(readStatuses(text(s.status))),
    task,
    user: task && text(s.user),
    q: text(s.q),
    order: oneOf(s.order, ["asc"]),
    ...paging(s),
  };
}

/** readStatuses returns the statuses that an address asks for, each once. */
export function readStatuses(status: string | undefined): JobStatus[] {
  const asked = status?.split(",") ?? [];
  return statuses.filter((s) => asked.includes(s));
}

/** writeStatuses is the reverse of readStatuses; the same statuses are the same text, whatever their order. */
export function writeStatuses(some: readonly JobStatus[]): string | undefined {
  return statuses.filter((s) => some.includes(s)).join(",") || undefined;
}
