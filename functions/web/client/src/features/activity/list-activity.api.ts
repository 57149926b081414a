import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import { polling } from "@/lib/queries";
import { writeSearch } from "@/lib/search";
import { type ActivityFilter, type ActivitySearch, queryOf } from "./activity-search";

export type Activity = Schema<"Activity">;

/** listActivity is a page of what the system did, newest first. */
function listActivity({ cursor, page: _, ...filter }: ActivitySearch) {
  const query = { ...queryOf(filter), cursor };
  return queryOptions({
    queryKey: ["activity", query],
    queryFn: ({ signal }) => answer(api.GET("/api/activity", { params: { query }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: polling.slow,
  });
}

export const useActivity = (search: ActivitySearch) => useQuery(listActivity(search));

/** csvOf is the address of a file with all that matches. */
export function csvOf(filter: ActivityFilter): string {
  return `/api/activity.csv${writeSearch(queryOf(filter))}`;
}
