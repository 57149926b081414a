import { useQuery } from "@tanstack/react-query";
import { boxUsersQuery } from "@/lib/box-users.api";

const most = 20;

/** useBoxUsers finds the first Box users of a task by words of their names and e-mail addresses. */
export function useBoxUsers(task: string, q: string) {
  return useQuery(boxUsersQuery(task, { q: q || undefined, sort: "name", limit: most }));
}
