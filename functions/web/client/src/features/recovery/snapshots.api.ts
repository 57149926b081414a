import { useQuery } from "@tanstack/react-query";
import { endOf, startOf } from "@/lib/days";
import { polling } from "@/lib/queries";
import { type Owner, snapshotsQuery } from "@/lib/snapshots.api";

type Range = { from?: string; to?: string; cursor?: string; limit?: number };

/** useSnapshots lists a Box user's snapshots, newest first; from and to are days, both included. */
export function useSnapshots(owner: Owner, { from, to, cursor, limit = 25 }: Range) {
  const days = { from: from && startOf(from).toISOString(), to: to && endOf(to).toISOString() };
  return useQuery({ ...snapshotsQuery(owner, { ...days, cursor, limit }), refetchInterval: polling.slow });
}
