import { useMutation } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import { tellTabs } from "@/lib/session";

/** useSignIn begins a session. */
export function useSignIn() {
  return useMutation({
    mutationFn: (body: Schema<"Credentials">) => answer(api.POST("/api/session", { body })),
    onSuccess: tellTabs,
  });
}
