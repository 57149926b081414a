import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import { polling } from "@/lib/queries";

export type OwnSession = Schema<"OwnSession">;

/** sessions are the open sessions of who is signed in, the newest first. */
export const sessions = queryOptions({
  queryKey: ["sessions"],
  queryFn: ({ signal }) => answer(api.GET("/api/sessions", { signal })),
  refetchInterval: polling.slow,
});
