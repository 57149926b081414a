import type { JobItem } from "./list-job-items.api";

/** Reason is why some items failed, with the names of the first. */
export type Reason = { reason: string; names: string[]; items: number };

const named = 3;

/** reasonsOf groups failed items by why they failed, the most frequent reason first. */
export function reasonsOf(items: readonly JobItem[]): Reason[] {
  const reasons = new Map<string, Reason>();
  for (const item of items) {
    const reason = item.reason ?? "No reason is known.";
    const known = reasons.get(reason) ?? { reason, names: [], items: 0 };
    known.items += 1;
    if (known.names.length < named) known.names.push(item.name);
    reasons.set(reason, known);
  }
  return [...reasons.values()].sort((a, b) => b.items - a.items);
}
