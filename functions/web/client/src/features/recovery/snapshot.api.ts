import { useQuery } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import type { Owner } from "./snapshots.api";

/** Place names a snapshot. */
export type Place = Owner & { snapshot: string };

/** useSnapshot returns a snapshot and what could not be backed up. It never changes. */
export function useSnapshot(path: Place, enabled = true) {
  return useQuery({
    queryKey: ["snapshot", path],
    queryFn: ({ signal }) =>
      answer<Schema<"SnapshotDetails">>(
        api.GET("/api/tasks/{task}/users/{user}/snapshots/{snapshot}", { params: { path }, signal }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    enabled,
  });
}
