import { oneOf, type Paging, paging, type Search, type Sorting, sorting, text } from "@/lib/search";
import { type TaskSort, taskSorts } from "./words";

export type HomeSearch = Paging &
  Sorting<TaskSort> & { q?: string; connect?: "expired" | "failed"; deleted?: "shown" };

/** homeSearch reads the homepage's address; deleted tells whether the tasks deleted of late are shown. */
export function homeSearch(s: Search): HomeSearch {
  return {
    q: text(s.q),
    connect: oneOf(s.connect, ["expired", "failed"]),
    deleted: oneOf(s.deleted, ["shown"]),
    ...sorting(s, taskSorts),
    ...paging(s),
  };
}
