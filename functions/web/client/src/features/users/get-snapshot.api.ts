import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";

/** getSnapshot asks for a snapshot with what failed in it; a snapshot never changes. */
function getSnapshot(task: string, user: string, snapshot: string) {
  return queryOptions({
    queryKey: ["tasks", "snapshot", task, user, snapshot],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/tasks/{task}/users/{user}/snapshots/{snapshot}", {
          params: { path: { task, user, snapshot } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export const useSnapshot = (task: string, user: string, snapshot: string) =>
  useQuery(getSnapshot(task, user, snapshot));
