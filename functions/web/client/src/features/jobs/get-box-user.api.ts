import { useQuery } from "@tanstack/react-query";
import { boxUserQuery } from "@/lib/box-users.api";

/** useBoxUser is a Box user of a task, if one is named. */
export function useBoxUser(task: string, user: string | undefined) {
  return useQuery({ ...boxUserQuery(task, user ?? ""), enabled: user !== undefined });
}
