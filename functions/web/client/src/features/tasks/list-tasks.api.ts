import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";
import { polling } from "@/lib/queries";
import type { Sorting } from "@/lib/search";
import { pace } from "@/lib/task";
import type { TaskSort } from "./words";

export type TasksQuery = Sorting<TaskSort> & { q?: string; cursor?: string };

/** listTasks asks for a page of the backup tasks, often while one of them moves. */
function listTasks(query: TasksQuery) {
  return queryOptions({
    queryKey: ["tasks", "list", query],
    queryFn: ({ signal }) => answer(api.GET("/api/tasks", { params: { query }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => Math.min(polling.slow, ...(state.data?.items.map(pace) ?? [])),
  });
}

export const useTasks = (query: TasksQuery) => useQuery(listTasks(query));
