import { useQuery } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import { polling } from "@/lib/queries";

/** useUser returns a Box user and the state of that user's backup. */
export function useUser(task: string, user: string) {
  return useQuery({
    queryKey: ["tasks", "archive", task, user],
    queryFn: ({ signal }) =>
      answer<Schema<"BoxUser">>(
        api.GET("/api/tasks/{task}/users/{user}", { params: { path: { task, user } }, signal }),
      ),
    refetchInterval: polling.slow,
  });
}
