import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import { taskQuery, tasksChanged } from "@/lib/tasks.api";

/** useChangeTask changes the settings that are given and leaves the others. */
export function useChangeTask(task: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schema<"TaskSettings">) =>
      answer(api.PATCH("/api/tasks/{task}", { params: { path: { task } }, body })),
    onSuccess: (changed) => {
      queries.setQueryData(taskQuery(task).queryKey, changed);
      return tasksChanged(queries);
    },
  });
}
