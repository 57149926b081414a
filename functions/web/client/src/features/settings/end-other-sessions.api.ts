import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";
import { sessions } from "./list-sessions.api";

/** useEndOtherSessions ends all sessions of who is signed in but this one. */
export function useEndOtherSessions() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => answer(api.DELETE("/api/sessions")),
    onSuccess: () => queries.invalidateQueries(sessions),
  });
}
