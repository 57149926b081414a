import { useQuery } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import type { Place } from "@/lib/snapshots.api";

export type Details = Schema<"ItemDetails">;

/** useDetails asks for all that a snapshot has of an item, which never changes. */
export function useDetails(place: Place, { id, kind }: Pick<Schema<"Item">, "id" | "kind">, wanted: boolean) {
  return useQuery({
    queryKey: ["details", place, kind, id],
    queryFn: ({ signal }) =>
      answer<Details>(
        api.GET("/api/tasks/{task}/users/{user}/snapshots/{snapshot}/items/{item}/details", {
          params: { path: { ...place, item: id }, query: { kind } },
          signal,
        }),
      ),
    enabled: wanted,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
