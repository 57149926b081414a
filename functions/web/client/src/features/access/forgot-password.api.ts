import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";

/** useForgotPassword has a link mailed that sets a new password, if there is an account with the address. */
export function useForgotPassword() {
  return useMutation({
    mutationFn: (email: string) => answer(api.POST("/api/password-reset", { body: { email } })),
  });
}
