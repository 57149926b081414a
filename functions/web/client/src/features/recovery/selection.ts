import type { Schema } from "@/lib/api";
import { many } from "@/lib/format";

type Kind = Schema<"Choice">["kind"];

/** Folder is one that an item is in. */
export type Folder = { id: string; name: string };

/** Picked is an item that is, or may be, selected. */
export type Picked = {
  kind: Kind;
  id: string;
  name: string;
  /** The folders that it is in, outermost first, without the root folder. */
  within: readonly Folder[];
};

/** Selection is what is to be restored of one snapshot: all of it, or items, folders with all that is in them. */
export type Selection = {
  snapshot?: string;
  whole: boolean;
  /** By key. None is in another of them. */
  items: ReadonlyMap<string, Picked>;
};

/** most is how many items a job may name; a folder counts as one. */
export const most = 5000;

export const nothing: Selection = { whole: false, items: new Map() };

/** key names an item: the ids of files, folders and web links are not of one series. */
export function key({ kind, id }: { kind: Kind; id: string }): string {
  return `${kind} ${id}`;
}

/** picked makes of an item of a snapshot one that may be selected. */
export function picked({ kind, id, name }: Omit<Picked, "within">, within: readonly Folder[]): Picked {
  return { kind, id, name, within };
}

/** of returns what is selected of that snapshot. */
export function of(selection: Selection, snapshot: string): Selection {
  return selection.snapshot === snapshot ? selection : nothing;
}

/** whole selects everything in a snapshot. */
export function whole(snapshot: string): Selection {
  return { snapshot, whole: true, items: new Map() };
}

/** includedBy returns the selected folder that an item is in, if there is one. */
export function includedBy(selection: Selection, within: readonly Folder[]): Folder | undefined {
  return within.find((f) => selection.items.has(key({ kind: "folder", id: f.id })));
}

/** standing says how an item stands that is not simply selected or not. */
export function standing(selection: Selection, item: Picked): "included" | "partly" | undefined {
  if (selection.whole || includedBy(selection, item.within)) return "included";
  if (item.kind !== "folder" || selection.items.has(key(item))) return undefined;
  for (const other of selection.items.values()) {
    if (other.within.some((f) => f.id === item.id)) return "partly";
  }
  return undefined;
}

/**
 * change makes the keys of the items that are shown those that are selected. What is not shown stays as it is, but
 * what is in a folder that becomes selected is from then on selected with it.
 */
export function change(
  selection: Selection,
  snapshot: string,
  shown: readonly Picked[],
  keys: ReadonlySet<string>,
): Selection {
  const before = of(selection, snapshot);
  const items = new Map(before.items);
  for (const item of shown) {
    const k = key(item);
    if (!keys.has(k)) items.delete(k);
    else if (!items.has(k) && standing(before, item) !== "included") items.set(k, item);
  }
  for (const [k, item] of items) {
    if (item.within.some((f) => items.has(key({ kind: "folder", id: f.id })))) items.delete(k);
  }
  return { snapshot, whole: false, items };
}

/** remove takes an item out of the selection. */
export function remove(selection: Selection, k: string): Selection {
  const items = new Map(selection.items);
  items.delete(k);
  return { ...selection, items };
}

/** isEmpty reports whether nothing is selected. */
export function isEmpty(selection: Selection): boolean {
  return !selection.whole && selection.items.size === 0;
}

/** choices is the selection as the API takes it. */
export function choices(selection: Selection): Schema<"Choices"> {
  if (selection.whole) return { all: true };
  return { items: [...selection.items.values()].map(({ kind, id }) => ({ kind, id })) };
}

const words: Record<Kind, readonly [string, string]> = {
  folder: ["folder", "folders"],
  file: ["file", "files"],
  web_link: ["web link", "web links"],
};

/** inWords says what is selected, as it was ticked: "2 folders, 1 file selected". Taken is the snapshot's time. */
export function inWords(selection: Selection, taken?: string): string {
  if (selection.whole) return `The whole snapshot${taken ? ` of ${taken}` : ""} is selected`;
  const numbers = new Map<Kind, number>();
  for (const { kind } of selection.items.values()) numbers.set(kind, (numbers.get(kind) ?? 0) + 1);
  const parts = (["folder", "file", "web_link"] as const).flatMap((kind) => {
    const n = numbers.get(kind);
    return n ? [many(n, ...words[kind])] : [];
  });
  if (parts.length === 0) return "Nothing selected";
  return `${parts.join(", ")} selected${taken ? ` in the snapshot of ${taken}` : ""}`;
}
