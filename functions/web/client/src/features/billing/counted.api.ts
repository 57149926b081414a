import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/lib/api";
import { polling } from "@/lib/queries";

type Task = Schema<"Task">;

/** counted are all backup tasks with how many Box users they back up: a sum needs every page of the list. */
export const counted = queryOptions({
  queryKey: ["tasks", "counted"],
  queryFn: async ({ signal }) => {
    const all: Task[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: 200, cursor };
      const page = await answer(api.GET("/api/tasks", { params: { query }, signal }));
      all.push(...page.items);
      cursor = page.next;
    } while (cursor);
    return all;
  },
  refetchInterval: polling.slow,
});
