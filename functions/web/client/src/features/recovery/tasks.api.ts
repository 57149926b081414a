import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import { polling } from "@/lib/queries";
import type { Paging, Sorting } from "@/lib/search";

type Key = "name" | "users" | "size" | "lastBackup";

export type TasksSearch = Paging & Sorting<Key> & { q?: string };

/** useTasks lists the backup tasks. */
export function useTasks({ q, sort, order, cursor }: TasksSearch) {
  return useQuery({
    queryKey: ["tasks", "backed up", { q, sort, order, cursor }],
    queryFn: ({ signal }) =>
      answer<Schema<"ListTask">>(
        api.GET("/api/tasks", { params: { query: { q, sort, order, cursor, limit: 100 } }, signal }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: polling.slow,
  });
}
