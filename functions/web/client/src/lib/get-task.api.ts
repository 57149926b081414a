import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { answer, api } from "./api";
import { pace, type Task } from "./task";

/** taskQuery asks for one backup task; it is polled while something of it moves. */
export function taskQuery(id: string) {
  return queryOptions({
    queryKey: ["tasks", "one", id],
    queryFn: ({ signal }) =>
      answer<Task>(api.GET("/api/tasks/{task}", { params: { path: { task: id } }, signal })),
    refetchInterval: (query) => pace(query.state.data),
  });
}

/** tasksChanged has all that is shown of backup tasks and their Box users asked for anew. */
export function tasksChanged(queries: QueryClient): Promise<void> {
  return queries.invalidateQueries({ queryKey: ["tasks"] });
}
