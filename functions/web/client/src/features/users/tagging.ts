import type { BoxUser } from "@/lib/box-users.api";
import type { Tag } from "./list-tags.api";

/** Picked is who is selected, as far as it is known here: complete means that nobody else is. */
export type Picked = { users: readonly BoxUser[]; complete: boolean };

/** Wanted is which tags a person has ticked or unticked. */
export type Wanted = Readonly<Record<string, boolean>>;

/** held tells who of those selected has a tag: all of them, none, or perhaps some. */
export function held(tag: Tag, { users, complete }: Picked): "all" | "some" | "none" {
  if (tag.users === 0) return "none";
  if (!complete) return "some";
  const n = users.filter((u) => u.tags.includes(tag.id)).length;
  return n === 0 ? "none" : n === users.length ? "all" : "some";
}

/** tagging is what is to be changed so that all who are selected have what is wanted. */
export function tagging(tags: readonly Tag[], picked: Picked, wanted: Wanted) {
  const some = (want: boolean, already: string) =>
    tags.filter((t) => wanted[t.id] === want && held(t, picked) !== already).map((t) => t.id);
  return { add: some(true, "all"), remove: some(false, "none") };
}
