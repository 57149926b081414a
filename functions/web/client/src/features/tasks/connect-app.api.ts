import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import { taskQuery, tasksChanged } from "@/lib/tasks.api";

/** useConnectApp connects a task to Box with the company's own Box app. */
export function useConnectApp(task: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schema<"BoxCredentials">) =>
      answer(api.POST("/api/tasks/{task}/credentials", { params: { path: { task } }, body })),
    onSuccess: (changed) => {
      queries.setQueryData(taskQuery(task).queryKey, changed);
      return tasksChanged(queries);
    },
  });
}
