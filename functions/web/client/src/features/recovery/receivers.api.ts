import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";

/** useReceivers finds Box users of a task that can receive what is restored: those whom Box lets in. */
export function useReceivers(task: string, q: string) {
  return useQuery({
    queryKey: ["tasks", "receivers", task, q],
    queryFn: ({ signal }) =>
      answer<Schema<"ListBoxUser">>(
        api.GET("/api/tasks/{task}/users", {
          params: { path: { task }, query: { q: q || undefined, limit: 50 } },
          signal,
        }),
      ),
    select: ({ items }) => items.filter(canReceive),
    placeholderData: keepPreviousData,
  });
}

/** canReceive reports whether something can be restored to a Box user. */
export function canReceive(user: Schema<"BoxUser">): boolean {
  return user.boxStatus === "active" && user.status !== "Archived";
}
