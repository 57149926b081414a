import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import { polling } from "@/lib/queries";
import { isFinal, type Job } from "./words";

export type JobItem = Schema<"JobItem">;

/** LedgerSearch is which lines of a job's ledger are asked for. */
export type LedgerSearch = { outcome?: JobItem["outcome"]; cursor?: string; limit?: number };

/** listJobItems is a page of a job's ledger; asked for once more when the job has ended. */
function listJobItems(job: Pick<Job, "id" | "status">, query: LedgerSearch) {
  const ended = isFinal(job);
  return queryOptions({
    queryKey: ["jobs", job.id, "items", query, ended],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/jobs/{job}/items", { params: { path: { job: job.id }, query }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: ended ? false : polling.quick,
  });
}

export const useJobItems = (job: Pick<Job, "id" | "status">, search: LedgerSearch) =>
  useQuery(listJobItems(job, search));
