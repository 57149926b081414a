import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import type { BoxUser } from "./list-box-users.api";

export type Snapshot = Schema<"Snapshot">;

/** listSnapshots asks for a page of a Box user's snapshots, newest first; anew when there is a new latest one. */
function listSnapshots(task: string, user: BoxUser, cursor: string | undefined) {
  return queryOptions({
    queryKey: ["tasks", "snapshots", task, user.id, user.snapshot, cursor],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/tasks/{task}/users/{user}/snapshots", {
          params: { path: { task, user: user.id }, query: { cursor, limit: 20 } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

export const useSnapshots = (task: string, user: BoxUser, cursor: string | undefined) =>
  useQuery(listSnapshots(task, user, cursor));
