import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";
import { polling } from "@/lib/queries";
import { isFinal } from "./words";

/** getJob is a job, asked for often until it has ended and then not any more. */
export function getJob(job: string) {
  return queryOptions({
    queryKey: ["jobs", job],
    queryFn: ({ signal }) => answer(api.GET("/api/jobs/{job}", { params: { path: { job } }, signal })),
    refetchInterval: ({ state }) => (state.data && isFinal(state.data) ? false : polling.quick),
  });
}

export const useJob = (job: string) => useQuery(getJob(job));
