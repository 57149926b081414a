import type { BoxUser } from "@/lib/box-users.api";
import type { Choice } from "./act.api";
import type { Picked } from "./tagging";
import type { UsersFilter } from "./users-search";

/** Chosen is who is selected: Box users one by one, or all who match the filters, whatever page they are on. */
export type Chosen = { all: false; ids: ReadonlySet<string> } | { all: true };

export const nobody: Chosen = { all: false, ids: new Set() };

/** howMany returns how many are selected when total match the filters. */
export function howMany(chosen: Chosen, total: number): number {
  return chosen.all ? total : chosen.ids.size;
}

/** ticked returns which of the rows shown are selected. */
export function ticked(chosen: Chosen, shown: readonly string[]): ReadonlySet<string> {
  return chosen.all ? new Set(shown) : chosen.ids;
}

/** choiceOf says to the server who is meant. */
export function choiceOf(chosen: Chosen, { status, tag, q }: UsersFilter): Choice {
  return chosen.all ? { all: true, status, tag, q } : { ids: [...chosen.ids] };
}

/** pickedOf returns who of those shown is selected, and whether that is everyone. */
export function pickedOf(chosen: Chosen, users: readonly BoxUser[], total: number): Picked {
  const on = ticked(
    chosen,
    users.map((u) => u.id),
  );
  const picked = users.filter((u) => on.has(u.id));
  return { users: picked, complete: picked.length === howMany(chosen, total) };
}
