import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "./api";

const most = 200;

/** taskNames are the account's backup tasks by id, in the order of their names: what lists are filtered by. */
export const taskNames = queryOptions({
  queryKey: ["tasks", "names"],
  queryFn: ({ signal }) =>
    answer(api.GET("/api/tasks", { params: { query: { sort: "name", limit: most } }, signal })),
  select: ({ items }) => items.map(({ id, name }) => ({ value: id, label: name })),
  staleTime: 60_000,
});
