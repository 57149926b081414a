import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";

/** useActivate makes the account active whose mailed link carried the token. */
export function useActivate() {
  return useMutation({
    mutationFn: (token: string) => answer(api.POST("/api/activate", { body: { token } })),
  });
}
