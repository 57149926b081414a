import { useQuery } from "@tanstack/react-query";
import { polling } from "@/lib/queries";
import type { Paging, Sorting } from "@/lib/search";
import { tasksQuery } from "@/lib/tasks.api";

type Key = "name" | "users" | "size" | "lastBackup";

export type TasksSearch = Paging & Sorting<Key> & { q?: string };

/** useTasks lists the backup tasks. */
export function useTasks({ q, sort, order, cursor }: TasksSearch) {
  return useQuery({ ...tasksQuery({ q, sort, order, cursor, limit: 100 }), refetchInterval: polling.slow });
}
