import { useQuery } from "@tanstack/react-query";
import { boxUsersQuery, isMoving } from "@/lib/box-users.api";
import { polling } from "@/lib/queries";
import { discovering, pace, type Task } from "@/lib/task";
import type { UsersSearch } from "./users-search";

/** useBoxUsers is a page of a task's Box users, asked for often while something moves; not before there are any. */
export function useBoxUsers(task: Task, query: Omit<UsersSearch, "page" | "deleted">) {
  return useQuery({
    ...boxUsersQuery(task.id, query),
    enabled: !discovering(task),
    refetchInterval: ({ state }) => (state.data?.items.some(isMoving) ? polling.quick : pace(task)),
  });
}
