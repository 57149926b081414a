import { endOf, startOf } from "@/lib/days";
import { day, oneOf, type Paging, paging, type Search, text } from "@/lib/search";

/** kinds is what the system does, and statuses is how it went. */
export const kinds = [
  "Backup",
  "Restore",
  "Prune",
  "Connection",
  "Verification",
  "Archive",
  "Return",
  "Delete",
  "Undelete",
  "Exception",
  "Support",
  "Settings",
  "Activate",
  "Pause",
  "Limited Access",
  "Tags",
  "Release",
] as const;
export const statuses = ["Succeeded", "Partially succeeded", "Failed", "Canceled"] as const;

export type ActivityFilter = {
  kind?: (typeof kinds)[number];
  status?: (typeof statuses)[number];
  task?: string;
  q?: string;
  /** The first and the last day, in the viewer's zone. */
  from?: string;
  to?: string;
};

export type ActivitySearch = Paging & ActivityFilter;

/** activitySearch reads the address of the activity list. */
export function activitySearch(s: Search): ActivitySearch {
  return {
    kind: oneOf(s.kind, kinds),
    status: oneOf(s.status, statuses),
    task: text(s.task),
    q: text(s.q),
    from: day(s.from),
    to: day(s.to),
    ...paging(s),
  };
}

/** queryOf is what the API is asked for: the days are whole ones, from midnight to midnight. */
export function queryOf({ kind, status, task, q, from, to }: ActivityFilter) {
  return {
    kind,
    status,
    task,
    q,
    from: from && startOf(from).toISOString(),
    to: to && endOf(to).toISOString(),
  };
}
