import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import { sessions } from "./list-sessions.api";

/** useChangePassword sets a new password for who is signed in; all other sessions end. */
export function useChangePassword() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schema<"PasswordChange">) => answer(api.POST("/api/password", { body })),
    onSuccess: () => queries.invalidateQueries(sessions),
  });
}
