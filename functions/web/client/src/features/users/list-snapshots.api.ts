import { useQuery } from "@tanstack/react-query";
import type { BoxUser } from "@/lib/box-users.api";
import { snapshotsQuery } from "@/lib/snapshots.api";

/** useSnapshots is a page of a Box user's snapshots, newest first. */
export function useSnapshots(task: string, user: BoxUser, cursor: string | undefined) {
  return useQuery({
    ...snapshotsQuery({ task, user: user.id }, { cursor, limit: 20 }, user.snapshot),
    staleTime: 60_000,
  });
}
