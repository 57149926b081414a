import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import { tasksChanged } from "@/lib/tasks.api";
import type { Action } from "./actions";

export type Choice = Schema<"BoxUserChoice">;

/** useAct does something for some Box users of a task. What is refused for some does not stop the others. */
export function useAct(task: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ action, choice }: { action: Action; choice: Choice }) => {
      const request = { params: { path: { task } }, body: choice };
      const calls = {
        activate: () => api.POST("/api/tasks/{task}/users/activate", request),
        pause: () => api.POST("/api/tasks/{task}/users/pause", request),
        backup: () => api.POST("/api/tasks/{task}/users/backup", request),
        delete: () => api.POST("/api/tasks/{task}/users/delete", request),
        undelete: () => api.POST("/api/tasks/{task}/users/undelete", request),
        release: () => api.POST("/api/tasks/{task}/users/release", request),
        cancel: () => api.POST("/api/tasks/{task}/users/cancel", request),
      };
      return answer(calls[action]());
    },
    onSuccess: () => tasksChanged(queries),
  });
}
