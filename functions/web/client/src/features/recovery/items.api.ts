import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import type { Paging, Sorting } from "@/lib/search";
import type { Place } from "@/lib/snapshots.api";

export type ItemKey = "name" | "size" | "modified";

export type Kind = Schema<"Item">["kind"];

type Question = Paging & Sorting<ItemKey> & { parent?: string; q?: string; kind?: Kind };

/** items are those in a folder of a snapshot, or those that q finds in all of it. They never change. */
export function items(path: Place, { parent, q, kind, sort, order, cursor }: Question, limit: number) {
  const query = { parent, q, kind, sort, order, cursor, limit };
  return queryOptions({
    queryKey: ["items", path, query],
    queryFn: ({ signal }) =>
      answer<Schema<"ItemList">>(
        api.GET("/api/tasks/{task}/users/{user}/snapshots/{snapshot}/items", {
          params: { path, query },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** useFolder lists what is in a folder of a snapshot. */
export function useFolder(path: Place, question: Question) {
  return useQuery({ ...items(path, question, 50), placeholderData: keepPreviousData });
}

/** useFound lists what a snapshot has by names with the words of q. */
export function useFound(path: Place, { q, kind, cursor }: Question) {
  return useQuery({ ...items(path, { q, kind, cursor }, 25), placeholderData: keepPreviousData });
}
