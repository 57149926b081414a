import { useInfiniteQuery } from "@tanstack/react-query";
import { answer, api, type Schema } from "./api";
import type { Place } from "./snapshots.api";

const step = 50;

/** useFailures lists what could not be backed up in a snapshot, a page after the other. */
export function useFailures(path: Place, enabled = true) {
  const pages = useInfiniteQuery({
    queryKey: ["tasks", "snapshots", "failures", path],
    queryFn: ({ pageParam: cursor, signal }) =>
      answer<Schema<"ListFailure">>(
        api.GET("/api/tasks/{task}/users/{user}/snapshots/{snapshot}/failures", {
          params: { path, query: { cursor: cursor || undefined, limit: step } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    staleTime: 60_000,
    enabled,
  });
  const failures = pages.data?.pages.flatMap((page) => page.items);
  const total = pages.data?.pages[0]?.total ?? 0;
  return { ...pages, failures, total, more: Math.min(step, total - (failures?.length ?? 0)) };
}

/** failuresFile is the address of a CSV file with all of them. */
export function failuresFile({ task, user, snapshot }: Place): string {
  const parts = [task, user, snapshot].map(encodeURIComponent);
  return `/api/tasks/${parts[0]}/users/${parts[1]}/snapshots/${parts[2]}/failures.csv`;
}

/** folderOf says where a failure is, in words. */
export function folderOf({ name, path }: Pick<Schema<"Failure">, "name" | "path">): string | undefined {
  if (!name) return undefined;
  return path ? path.join(" / ") : "In the root folder";
}
