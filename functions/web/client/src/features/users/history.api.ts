import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import type { BoxUser } from "@/lib/box-users.api";

export type History = Schema<"History">;
export type Day = Schema<"Day">;

/** useHistory is what the backups of a Box user did from one day to another; anew when another one is the latest. */
export function useHistory(task: string, user: BoxUser, from: string, to: string) {
  return useQuery({
    queryKey: ["tasks", "history", task, user.id, from, to, user.snapshot ?? ""],
    queryFn: ({ signal }) =>
      answer<History>(
        api.GET("/api/tasks/{task}/users/{user}/history", {
          params: { path: { task, user: user.id }, query: { from, to } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}
