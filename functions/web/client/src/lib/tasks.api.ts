import { keepPreviousData, type QueryClient, queryOptions } from "@tanstack/react-query";
import { answer, api, type Schema } from "./api";
import type { paths } from "./schema";
import { pace, type Task } from "./task";

type Query = NonNullable<paths["/api/tasks"]["get"]["parameters"]["query"]>;

const most = 200;

/** taskQuery asks for one backup task; it is polled while something of it moves. */
export function taskQuery(id: string) {
  return queryOptions({
    queryKey: ["tasks", "one", id],
    queryFn: ({ signal }) =>
      answer<Task>(api.GET("/api/tasks/{task}", { params: { path: { task: id } }, signal })),
    refetchInterval: (query) => pace(query.state.data),
  });
}

/** tasksQuery asks for a page of the backup tasks, and shows the page before until it is there. */
export function tasksQuery(query: Query) {
  return queryOptions({
    queryKey: ["tasks", "list", query],
    queryFn: ({ signal }) => answer<Schema<"ListTask">>(api.GET("/api/tasks", { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
}

/** allTasks asks for as many of the backup tasks as one page can have. */
export const allTasks = tasksQuery({ sort: "name", limit: most });

/** taskNames are the account's backup tasks by id, in the order of their names: what lists are filtered by. */
export const taskNames = {
  ...allTasks,
  select: ({ items }: Schema<"ListTask">) => items.map(({ id, name }) => ({ value: id, label: name })),
  staleTime: 60_000,
};

/** tasksChanged has all that is shown of backup tasks and their Box users asked for anew. */
export function tasksChanged(queries: QueryClient): Promise<void> {
  return queries.invalidateQueries({ queryKey: ["tasks"] });
}
