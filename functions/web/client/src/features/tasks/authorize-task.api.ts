import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";

/** useAuthorize sends the browser to Box, where an administrator signs in and authorises Coffer. */
export function useAuthorize() {
  return useMutation({
    mutationFn: (task: string) =>
      answer(api.POST("/api/tasks/{task}/authorize", { params: { path: { task } } })),
    onSuccess: ({ url }) => window.location.assign(url),
  });
}
