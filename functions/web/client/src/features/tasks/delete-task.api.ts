import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";
import { tasksChanged } from "@/lib/tasks.api";

/** useDeleteTask deletes a backup task; it can be brought back for some days. */
export function useDeleteTask() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (task: string) => answer(api.DELETE("/api/tasks/{task}", { params: { path: { task } } })),
    onSuccess: () => tasksChanged(queries),
  });
}
