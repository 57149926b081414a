import { useQuery } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import type { Place } from "@/lib/snapshots.api";
import { choices, type Selection } from "./selection";

/** useCount adds up what is selected with everything in it. */
export function useCount(path: Place, selection: Selection, enabled: boolean) {
  const body = choices(selection);
  return useQuery({
    queryKey: ["count", path, body],
    queryFn: ({ signal }) =>
      answer<Schema<"Count">>(
        api.POST("/api/tasks/{task}/users/{user}/snapshots/{snapshot}/count", {
          params: { path },
          body,
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    enabled,
  });
}
