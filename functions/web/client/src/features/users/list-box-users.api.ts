import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import { polling } from "@/lib/queries";
import { discovering, pace, type Task } from "@/lib/task";
import type { UsersSearch } from "./users-search";

export type BoxUser = Schema<"BoxUser">;

/** isMoving tells whether a backup of the Box user is requested or in progress. */
export function isMoving(user: BoxUser): boolean {
  return user.requested || user.status === "In Process";
}

type UsersQuery = Omit<UsersSearch, "page">;

/** listBoxUsers asks for a page of a task's Box users, often while something moves; not before there are any. */
function listBoxUsers(task: Task, query: UsersQuery) {
  return queryOptions({
    queryKey: ["tasks", "users", task.id, query],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/tasks/{task}/users", { params: { path: { task: task.id }, query }, signal })),
    placeholderData: keepPreviousData,
    enabled: !discovering(task),
    refetchInterval: ({ state }) => (state.data?.items.some(isMoving) ? polling.quick : pace(task)),
  });
}

export const useBoxUsers = (task: Task, query: UsersQuery) => useQuery(listBoxUsers(task, query));
