import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";
import { tasksChanged } from "@/lib/tasks.api";

/** useCreateTask creates a backup task with the usual settings, not connected to Box yet. */
export function useCreateTask() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      answer(api.POST("/api/tasks", { body: { name, frequency: "daily", hour: 1 } })),
    onSuccess: () => tasksChanged(queries),
  });
}
