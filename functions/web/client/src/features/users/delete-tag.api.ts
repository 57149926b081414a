import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";
import { tasksChanged } from "@/lib/tasks.api";

/** useDeleteTag deletes a tag of a task, and takes it from those who have it. Removed is called when it is no more. */
export function useDeleteTag(task: string, removed: (tag: string) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (tag: string) =>
      answer(api.DELETE("/api/tasks/{task}/tags/{tag}", { params: { path: { task, tag } } })),
    onSuccess: (_, tag) => {
      removed(tag);
      return tasksChanged(queries);
    },
  });
}
