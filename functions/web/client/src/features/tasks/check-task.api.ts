import { useMutation } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";

export type Preflight = Schema<"Preflight">;

/** useCheckTask checks what a task's connection to Box allows. It takes up to half a minute. */
export function useCheckTask(task: string) {
  return useMutation({
    mutationFn: () =>
      answer<Preflight>(api.POST("/api/tasks/{task}/preflight", { params: { path: { task } } })),
  });
}
