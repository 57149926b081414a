import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";
import { polling } from "@/lib/queries";
import { type JobsSearch, readStatuses } from "./jobs-search";

const pageSize = 20;

/** listJobs is a page of the jobs of the last 7 days, asked for often while one of them is in progress. */
function listJobs({ initiator, kind, status, task, user, q, order, cursor }: JobsSearch) {
  const query = {
    initiator,
    kind,
    status: readStatuses(status),
    task,
    user,
    q,
    order: order ?? "desc",
    cursor,
    limit: pageSize,
  } as const;
  return queryOptions({
    queryKey: ["jobs", "list", query],
    queryFn: ({ signal }) => answer(api.GET("/api/jobs", { params: { query }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.summary.inProgress ? polling.quick : polling.slow),
  });
}

export const useJobs = (search: JobsSearch) => useQuery(listJobs(search));
