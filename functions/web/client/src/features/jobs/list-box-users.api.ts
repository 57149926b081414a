import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { answer, api } from "@/lib/api";

const most = 20;

/** useBoxUsers finds the first Box users of a task by words of their names and e-mail addresses. */
export function useBoxUsers(task: string, q: string) {
  const query = { q: q || undefined, sort: "name", limit: most } as const;
  return useQuery({
    queryKey: ["tasks", "names", task, query],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/tasks/{task}/users", { params: { path: { task }, query }, signal })),
    placeholderData: keepPreviousData,
  });
}
