import { useMutation, useMutationState, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";
import { getJob } from "./get-job.api";

const key = (job: string) => ["cancel-job", job];

/** useCancelJob stops a job. One in progress stops soon after. */
export function useCancelJob(job: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationKey: key(job),
    mutationFn: () => answer(api.POST("/api/jobs/{job}/cancel", { params: { path: { job } } })),
    onSuccess: (data) => queries.setQueryData(getJob(job).queryKey, data),
    onSettled: () => queries.invalidateQueries({ queryKey: ["jobs"] }),
  });
}

/** useIsCanceling reports whether someone at this browser asked the job to stop. */
export function useIsCanceling(job: string): boolean {
  return useMutationState({ filters: { mutationKey: key(job), status: "success" } }).length > 0;
}
