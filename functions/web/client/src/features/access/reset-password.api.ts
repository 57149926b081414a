import { useMutation } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";

/** useResetPassword sets the password of the user whose mailed link carried the token. */
export function useResetPassword() {
  return useMutation({
    mutationFn: (body: Schema<"NewPassword">) => answer(api.POST("/api/password-reset/confirm", { body })),
  });
}
