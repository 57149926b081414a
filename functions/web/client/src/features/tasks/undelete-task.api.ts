import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";
import { tasksChanged } from "@/lib/tasks.api";

/** useUndeleteTask brings back a backup task that was deleted. */
export function useUndeleteTask() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (task: string) =>
      answer(api.POST("/api/tasks/{task}/undelete", { params: { path: { task } } })),
    onSuccess: () => tasksChanged(queries),
  });
}
