import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";

export type Tag = Schema<"Tag">;

/** limitedAccess is the tag of every task that keeps what a Box user has from all but the primary user. */
export const limitedAccess = "limited-access";

/** tagsQuery asks for all tags of a task: there are at most as many as fit into one answer. */
export function tagsQuery(task: string) {
  return queryOptions({
    queryKey: ["tasks", "tags", task],
    queryFn: ({ signal }) =>
      answer<Schema<"ListTag">>(
        api.GET("/api/tasks/{task}/tags", { params: { path: { task } }, signal }),
      ).then(({ items }) => items),
    staleTime: 60_000,
  });
}
