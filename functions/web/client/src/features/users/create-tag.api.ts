import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";
import { type Tag, tagsQuery } from "./list-tags.api";

/** useCreateTag creates a tag of a task, which nobody has yet. */
export function useCreateTag(task: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      answer<Tag>(api.POST("/api/tasks/{task}/tags", { params: { path: { task } }, body: { name } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: tagsQuery(task).queryKey }),
  });
}
