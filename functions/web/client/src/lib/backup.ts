import type { Schema } from "./api";
import { count, many, size } from "./format";
import type { Work } from "./progress";

/** BackupProgress is how far a backup has come: that of one Box user, or of all in process together. */
export type BackupProgress = Omit<Schema<"Progress">, "phase"> & { phase?: string };

/** backupWork counts a backup's progress in files; the total is known once the folders are listed. */
export function backupWork({ files, wanted, started, updated }: BackupProgress): Work {
  return { done: files, total: files + wanted, started, updated };
}

const phases: Record<string, string> = {
  Listing: "Listing folders",
  Downloading: "Downloading",
  Sealing: "Finishing",
};

/** backupDetail says what a backup has done: "Downloading: 66 items, 34 of 120 files, 3.4 MB, 12 Box calls". */
export function backupDetail({ phase, items, files, wanted, bytes, calls }: BackupProgress): string {
  const total = files + wanted;
  const done = [
    many(items, "item"),
    ...(total > 0 ? [`${count(files)} of ${many(total, "file")}`, size(bytes)] : []),
    many(calls, "Box call"),
  ];
  const doing = phase && (phases[phase] ?? phase);
  return `${doing ? `${doing}: ` : ""}${done.join(", ")}`;
}

const methods: Record<string, string> = {
  crawl: "All folders listed",
  user_stream: "Box user's changes",
  enterprise_stream: "Enterprise's changes",
};

/** brief returns what comes first in an explanation: what is the matter, without what follows and what to do. */
export function brief(why: string): string {
  const [first = why] = why.split(/, so |\. /, 1);
  return first.endsWith(".") ? first : `${first}.`;
}

/** methodInWords says how a backup found out what had changed. */
export function methodInWords(method: string): string {
  return methods[method] ?? method;
}
