import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { answer, api, type Schema } from "./api";
import { polling } from "./queries";

export type Task = Schema<"Task">;
export type BoxUserStatus = Schema<"BoxUser">["status"];

/** statuses are all that a Box user can have. */
export const statuses: readonly BoxUserStatus[] = [
  "Not Active",
  "Scheduled",
  "In Process",
  "Success",
  "Partial",
  "Failed",
  "Paused",
  "Archived",
];

/** having returns how many Box users of a task have a status. */
export function having(task: Task, status: BoxUserStatus): number {
  return task.users.byStatus[status] ?? 0;
}

/** discovering tells whether the task's Box users are still being listed for the first time. */
export function discovering(task: Task): boolean {
  return task.connection === "Connected" && task.users.total === 0;
}

/** pace is how often to ask for a task anew. */
export function pace(task: Task | undefined): number {
  return task && (task.progress || having(task, "In Process") > 0 || discovering(task))
    ? polling.quick
    : polling.slow;
}

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
