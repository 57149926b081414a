import { useInfiniteQuery } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import type { Place } from "@/lib/snapshots.api";

/** useFolders lists the folders in a folder, a page after the other. */
export function useFolders(path: Place, parent: string) {
  return useInfiniteQuery({
    queryKey: ["items", path, "folders", parent],
    queryFn: ({ pageParam: cursor, signal }) =>
      answer<Schema<"ItemList">>(
        api.GET("/api/tasks/{task}/users/{user}/snapshots/{snapshot}/items", {
          params: { path, query: { parent, kind: "folder", cursor: cursor || undefined, limit: 100 } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
