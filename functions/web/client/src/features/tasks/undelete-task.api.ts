import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";
import { tasksChanged } from "@/lib/tasks.api";

/** useUndeleteTasks brings back backup tasks that were deleted, one after another, up to the first that is refused. */
export function useUndeleteTasks() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (tasks: readonly string[]) => {
      for (const task of tasks)
        await answer(api.POST("/api/tasks/{task}/undelete", { params: { path: { task } } }));
    },
    onSettled: () => tasksChanged(queries),
  });
}
