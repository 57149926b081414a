import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import { polling } from "@/lib/queries";
import type { Paging, Sorting } from "@/lib/search";

export type UserKey = "name" | "status" | "firstBackup" | "lastBackup" | "size";

export type UserStatus = Exclude<Schema<"BoxUser">["status"], "Not Active">;

export type UsersSearch = Paging & Sorting<UserKey> & { q?: string; status?: UserStatus };

/** useBackedUp lists the Box users of a task that have a backup. */
export function useBackedUp(task: string, { q, status, sort, order, cursor }: UsersSearch) {
  return useQuery({
    queryKey: ["tasks", "archives", task, { q, status, sort, order, cursor }],
    queryFn: ({ signal }) =>
      answer<Schema<"ListBoxUser">>(
        api.GET("/api/tasks/{task}/users", {
          params: { path: { task }, query: { q, status, sort, order, cursor, backedUp: true } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: polling.slow,
  });
}
