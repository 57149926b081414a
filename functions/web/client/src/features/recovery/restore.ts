import type { Schema } from "@/lib/api";
import { many, size } from "@/lib/format";
import type { Place } from "@/lib/snapshots.api";
import { choices, type Folder, type Selection } from "./selection";

export type Mode = Schema<"NewJob">["mode"];

export type Part = NonNullable<Schema<"NewJob">["include"]>[number];

/** parts are what can be brought back besides items; usual is what is, unless someone chooses. */
export const parts: readonly Part[] = ["comments", "metadata", "versions", "sharing"];
export const usual: readonly Part[] = ["comments", "metadata"];

/** Receiver is a Box user to whom something can be restored. */
export type Receiver = Pick<Schema<"BoxUser">, "id" | "name" | "login" | "snapshot">;

/** Order is what the dialog asks for. */
export type Order = {
  label: string;
  mode: Mode;
  include: readonly Part[];
  /** The person knows that newer versions are overwritten. */
  agreed: boolean;
  /** Who gets the new folder, and the folders from below the root folder to the one that it is made in. */
  to: Receiver | undefined;
  folders: readonly Folder[];
};

export const longestLabel = 50;

/** labelLength counts a label's characters as a person does. */
export function labelLength(label: string): number {
  return [...label.trim()].length;
}

/** folderName is what the restorer calls the new folder of a restore that is asked for at that time. */
export function folderName(at: Date): string {
  return `Restored by Coffer ${at.toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".")} UTC`;
}

/** newJob is the job that does what was asked for. */
export function newJob(
  { task, user, snapshot }: Place,
  selection: Selection,
  order: Order,
): Schema<"NewJob"> {
  const { label, mode, include, to, folders } = order;
  const job = {
    task,
    user,
    snapshot,
    mode,
    include: [...include],
    label: label.trim() || undefined,
    ...choices(selection),
  };
  const elsewhere = to && to.id !== user ? to.id : undefined;
  const folder = folders.at(-1)?.id;
  if (mode !== "non_destructive" || (!elsewhere && !folder)) return job;
  return { ...job, destination: { user: elsewhere, folder } };
}

/** faults says what is missing of an order, by field. */
export function faults({ label, mode, agreed, to }: Order): { label?: string; agreed?: string; to?: string } {
  return {
    label: labelLength(label) > longestLabel ? `At most ${longestLabel} characters.` : undefined,
    agreed: mode === "replace" && !agreed ? "Tick this to go on." : undefined,
    to: mode === "non_destructive" && !to ? "Choose a Box user." : undefined,
  };
}

type Count = Schema<"Count">;
type Holding = Pick<Count, "folders" | "files" | "webLinks" | "bytes">;

/** extent says how much something holds: "2 folders, 12 files (3.4 MB)". */
export function extent({ folders, files, webLinks, bytes }: Holding): string {
  const parts = [
    folders > 0 ? many(folders, "folder") : "",
    files > 0 ? `${many(files, "file")} (${size(bytes)})` : "",
    webLinks > 0 ? many(webLinks, "web link") : "",
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(", ") : "No items";
}

/** restorable is how many items a restore brings back. */
export function restorable({ folders, files, webLinks }: Holding): number {
  return folders + files + webLinks;
}

/** shortfalls says what of the selection is not restored, and why. */
export function shortfalls({ absent, references }: Count): string[] {
  const said: string[] = [];
  if (absent > 0)
    said.push(
      `${many(absent, "file")} cannot be restored: the snapshot lacks ${absent === 1 ? "its" : "their"} content, which Box did not give.`,
    );
  if (references > 0)
    said.push(
      `${many(references, "item")} ${references === 1 ? "belongs to another Box user and is" : "belong to other Box users and are"} not restored from here, but from that user's own backup.`,
    );
  return said;
}
