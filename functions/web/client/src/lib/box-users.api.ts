import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, type Schema } from "./api";
import { polling } from "./queries";
import type { paths } from "./schema";

export type BoxUser = Schema<"BoxUser">;

type Query = NonNullable<paths["/api/tasks/{task}/users"]["get"]["parameters"]["query"]>;

/** isMoving tells whether a backup of the Box user is requested or in progress. */
export function isMoving(user: BoxUser): boolean {
  return user.requested || user.status === "In Process";
}

/** boxUserQuery asks for one Box user, often while a backup is requested or in progress. */
export function boxUserQuery(task: string, user: string) {
  return queryOptions({
    queryKey: ["tasks", "user", task, user],
    queryFn: ({ signal }) =>
      answer<BoxUser>(
        api.GET("/api/tasks/{task}/users/{user}", { params: { path: { task, user } }, signal }),
      ),
    refetchInterval: ({ state }) => (state.data && isMoving(state.data) ? polling.quick : polling.slow),
  });
}

/** boxUsersQuery asks for a page of a task's Box users, and shows the page before until it is there. */
export function boxUsersQuery(task: string, query: Query) {
  return queryOptions({
    queryKey: ["tasks", "users", task, query],
    queryFn: ({ signal }) =>
      answer<Schema<"BoxUserList">>(
        api.GET("/api/tasks/{task}/users", { params: { path: { task }, query }, signal }),
      ),
    placeholderData: keepPreviousData,
  });
}
