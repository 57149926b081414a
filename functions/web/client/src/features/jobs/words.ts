import type { Schema } from "@/lib/api";
import { count, dateTime, many, size } from "@/lib/format";
import type { Work } from "@/lib/progress";

export type Job = Schema<"Job">;

/** kinds names what jobs do. */
export const kinds = { restore: "Restore", export: "Export", erase: "Erasure" } as const satisfies Record<
  Job["kind"],
  string
>;

/** modes says how a restore treats what is at Box. */
export const modes = {
  non_destructive: "Into a new folder; nothing else is touched",
  replace: "In place; what differs is replaced",
  bypass: "In place; what exists is left alone",
} as const satisfies Record<Job["mode"], string>;

/** isFinal reports whether the job has ended. */
export function isFinal({ status }: Pick<Job, "status">): boolean {
  return status !== "Pending" && status !== "In progress";
}

/** isTrouble reports whether the job did not do all that it was for. */
export function isTrouble({ status }: Pick<Job, "status">): boolean {
  return status === "Failed" || status === "Partially succeeded";
}

/** titleOf names the job: what it does, and its label or whom it is for. */
export function titleOf(job: Job): string {
  return job.label ? `${kinds[job.kind]}: ${job.label}` : `${kinds[job.kind]} for ${job.userName}`;
}

/** handled is how many items the job is through with, whatever became of them. */
export function handled({ done, skipped, failed }: Pick<Job, "done" | "skipped" | "failed">): number {
  return done + skipped + failed;
}

/** workOf is how far the job has come, as known at the time. */
export function workOf(job: Job, known: Date): Work {
  return { done: handled(job), total: job.total, started: job.started, updated: known.toISOString() };
}

/** seconds is how long the job took, or has been taking now; undefined before it begins. */
export function secondsOf({ started, ended }: Job, now: Date): number | undefined {
  if (!started) return undefined;
  return Math.max(0, ((ended ? Date.parse(ended) : now.getTime()) - Date.parse(started)) / 1000);
}

const parts = {
  comments: "comments",
  metadata: "metadata",
  versions: "previous versions",
  sharing: "sharing",
} as const satisfies Record<NonNullable<Job["include"]>[number], string>;

/** alsoOf names what the job brings back besides folders, files and web links. */
export function alsoOf({ include }: Job): string {
  const list = (include ?? []).map((part) => parts[part]);
  if (list.length === 0) return "Nothing else";
  const words = new Intl.ListFormat("en", { type: "conjunction" }).format(list);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** placeOf names the folder that what is restored goes into. */
export function placeOf(job: Job): string {
  return job.mode === "non_destructive" ? `New folder in ${parentOf(job)}` : "Where the items were";
}

/** parentOf names the folder that the new folder of a non-destructive restore is in. */
function parentOf({ destination, userName }: Job): string {
  if (!destination) return `All Files of ${userName}`;
  const { folder, folderName, userName: owner } = destination;
  return folder === "0" ? `All Files of ${owner}` : `“${folderName}” of ${owner}`;
}

/** progressOf says in numbers how far the job has come. */
export function progressOf(job: Job): string {
  if (job.status === "Pending") return "Waiting to start";
  if (job.total === 0) return "Counting the items";
  const words = [`${count(handled(job))} of ${many(job.total, "item")}`];
  words.push(job.totalBytes > 0 ? `${size(job.bytes)} of ${size(job.totalBytes)}` : size(job.bytes));
  if (job.failed > 0) words.push(`${count(job.failed)} failed`);
  return words.join(", ");
}

/** summaryOf says in a sentence or two what the job has done. */
export function summaryOf(job: Job): string {
  if (job.status === "Pending") return "It has not started yet.";
  if (job.total === 0) return isFinal(job) ? "Nothing was restored." : "The items are being counted.";
  const all = isFinal(job) && job.done === job.total && job.total > 1;
  const restored = all ? `All ${count(job.total)} items` : `${count(job.done)} of ${many(job.total, "item")}`;
  const rest = [
    job.skipped > 0 ? `${count(job.skipped)} left as ${job.skipped === 1 ? "it was" : "they were"}` : "",
    job.failed > 0 ? `${count(job.failed)} not restored` : "",
  ].filter(Boolean);
  const more = rest.length > 0 ? `; ${rest.join(", ")}` : "";
  const [was, is] = job.done === 1 ? ["was", "is"] : ["were", "are"];
  const verb = isFinal(job) ? `${was} restored` : `${is} restored so far`;
  return `${restored} ${verb} (${size(job.bytes)})${more}.`;
}

const verbs: Record<Job["status"], readonly [one: string, more: string]> = {
  Pending: ["will be restored", "will be restored"],
  "In progress": ["is being restored", "are being restored"],
  Succeeded: ["was restored", "were restored"],
  "Partially succeeded": ["was restored as far as possible", "were restored as far as possible"],
  Failed: ["was to be restored", "were to be restored"],
  Canceled: ["was to be restored", "were to be restored"],
};

/** storyOf says what the job was asked to do, and where. */
export function storyOf(job: Job): string {
  const [one, more] = verbs[job.status];
  const back = job.whole ? "to where it was" : "to where they were";
  const what = job.whole ? `Everything ${job.userName} had` : `Chosen items of ${job.userName}`;
  const folder = job.target ? `a new folder with the Box id ${job.target}` : "a new folder";
  const how = {
    non_destructive: `into ${folder} in ${parentOf(job)}. Nothing else at Box is touched.`,
    replace: `${back}. What differs from the snapshot is replaced.`,
    bypass: `${back}. What exists at Box is left alone.`,
  }[job.mode];
  return `${what}, as of ${dateTime(job.taken)}, ${job.whole ? one : more} ${how}`;
}
