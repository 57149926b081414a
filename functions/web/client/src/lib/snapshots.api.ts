import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, type Schema } from "./api";
import type { paths } from "./schema";

/** Owner names the Box user whose snapshots they are. */
export type Owner = { task: string; user: string };

/** Place names a snapshot. */
export type Place = Owner & { snapshot: string };

type Query = NonNullable<paths["/api/tasks/{task}/users/{user}/snapshots"]["get"]["parameters"]["query"]>;

/** snapshotsQuery asks for a page of a Box user's snapshots, newest first; anew when another one is the latest. */
export function snapshotsQuery({ task, user }: Owner, query: Query, latest = "") {
  return queryOptions({
    queryKey: ["tasks", "snapshots", task, user, query, latest],
    queryFn: ({ signal }) =>
      answer<Schema<"ListSnapshot">>(
        api.GET("/api/tasks/{task}/users/{user}/snapshots", {
          params: { path: { task, user }, query },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

/** snapshotQuery asks for a snapshot. It never changes. */
export function snapshotQuery({ task, user, snapshot }: Place) {
  return queryOptions({
    queryKey: ["snapshot", task, user, snapshot],
    queryFn: ({ signal }) =>
      answer<Schema<"Snapshot">>(
        api.GET("/api/tasks/{task}/users/{user}/snapshots/{snapshot}", {
          params: { path: { task, user, snapshot } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
