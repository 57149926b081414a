import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";
import { toProblem } from "@/lib/problem";
import { sessions } from "./list-sessions.api";

/** useEndSession ends one session at once. One that has ended already is as good. */
export function useEndSession() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (session: string) =>
      answer(api.DELETE("/api/sessions/{session}", { params: { path: { session } } })).catch((error) => {
        if (toProblem(error).status !== 404) throw error;
      }),
    onSuccess: () => queries.invalidateQueries(sessions),
  });
}
