import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import { endOf, startOf } from "@/lib/days";
import { polling } from "@/lib/queries";

/** Owner names the Box user whose archive it is. */
export type Owner = { task: string; user: string };

type Range = { from?: string; to?: string; cursor?: string; limit?: number };

/** useSnapshots lists a Box user's snapshots, newest first; from and to are days, both included. */
export function useSnapshots({ task, user }: Owner, { from, to, cursor, limit = 25 }: Range) {
  return useQuery({
    queryKey: ["snapshots", task, user, { from, to, cursor, limit }],
    queryFn: ({ signal }) => {
      const query = {
        from: from && startOf(from).toISOString(),
        to: to && endOf(to).toISOString(),
        cursor,
        limit,
      };
      return answer<Schema<"ListSnapshot">>(
        api.GET("/api/tasks/{task}/users/{user}/snapshots", {
          params: { path: { task, user }, query },
          signal,
        }),
      );
    },
    placeholderData: keepPreviousData,
    refetchInterval: polling.slow,
  });
}
