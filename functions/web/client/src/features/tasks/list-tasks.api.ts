import { useQuery } from "@tanstack/react-query";
import { polling } from "@/lib/queries";
import type { Sorting } from "@/lib/search";
import { pace } from "@/lib/task";
import { tasksQuery } from "@/lib/tasks.api";
import type { TaskSort } from "./words";

export type TasksQuery = Sorting<TaskSort> & { q?: string; cursor?: string };

/** useTasks is a page of the backup tasks, asked for often while one of them moves. */
export function useTasks(query: TasksQuery) {
  return useQuery({
    ...tasksQuery(query),
    refetchInterval: ({ state }) =>
      Math.min(polling.slow, ...(state.data?.items.map((task) => pace(task)) ?? [])),
  });
}
