import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import { tasksChanged } from "@/lib/tasks.api";

/** useTagUsers gives tags to some Box users of a task and takes others from them. */
export function useTagUsers(task: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schema<"Tagging">) =>
      answer(api.POST("/api/tasks/{task}/users/tag", { params: { path: { task } }, body })),
    onSuccess: () => tasksChanged(queries),
  });
}
