import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";
import { polling } from "@/lib/queries";
import { isMoving } from "./list-box-users.api";

/** getBoxUser asks for one Box user, often while a backup is requested or in progress. */
function getBoxUser(task: string, user: string) {
  return queryOptions({
    queryKey: ["tasks", "user", task, user],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/tasks/{task}/users/{user}", { params: { path: { task, user } }, signal })),
    refetchInterval: ({ state }) => (state.data && isMoving(state.data) ? polling.quick : polling.slow),
  });
}

export const useBoxUser = (task: string, user: string) => useQuery(getBoxUser(task, user));
