import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";

/** useCreateJob asks for a restore. */
export function useCreateJob() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schema<"NewJob">) => answer<Schema<"Job">>(api.POST("/api/jobs", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["jobs"] }),
  });
}
