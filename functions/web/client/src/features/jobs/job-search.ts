import { oneOf, type Paging, paging, type Search } from "@/lib/search";
import type { JobItem } from "./list-job-items.api";

export type Outcome = JobItem["outcome"];

/** outcomes says in words what became of an item. */
export const outcomes = {
  intended: "Waiting",
  created: "Restored",
  replaced: "Replaced",
  kept: "Left as it was",
  failed: "Failed",
} as const satisfies Record<Outcome, string>;

export const outcomeKeys = ["intended", "created", "replaced", "kept", "failed"] as const;

export type JobSearch = Paging & { outcome?: Outcome };

/** jobSearch reads the address of a job's page. */
export function jobSearch(s: Search): JobSearch {
  return { outcome: oneOf(s.outcome, outcomeKeys), ...paging(s) };
}
