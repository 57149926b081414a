import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";
import { tasksChanged } from "@/lib/tasks.api";

/** useAcknowledgeDamage lets what has expired be removed again, though something is damaged. */
export function useAcknowledgeDamage() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (task: string) =>
      answer(api.POST("/api/tasks/{task}/acknowledge-damage", { params: { path: { task } } })),
    onSuccess: () => tasksChanged(queries),
  });
}
