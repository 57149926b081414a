import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";
import { tasksChanged } from "@/lib/tasks.api";

/** useDeleteTag deletes a tag of a task, and takes it from those who have it. */
export function useDeleteTag(task: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (tag: string) =>
      answer(api.DELETE("/api/tasks/{task}/tags/{tag}", { params: { path: { task, tag } } })),
    onSuccess: () => tasksChanged(queries),
  });
}
