import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";

/** useBoxUser is a Box user of a task, if one is named. */
export function useBoxUser(task: string, user: string | undefined) {
  return useQuery({
    queryKey: ["tasks", "names", task, "user", user],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/tasks/{task}/users/{user}", { params: { path: { task, user: user ?? "" } }, signal }),
      ),
    enabled: user !== undefined,
  });
}
