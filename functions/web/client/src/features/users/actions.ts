import { many } from "@/lib/format";
import { schedule } from "@/lib/schedule";
import type { Task } from "@/lib/task";

/** Action is what can be done for Box users. */
export type Action = "activate" | "pause" | "backup" | "delete" | "undelete" | "release" | "cancel";

type Words = {
  /** On the button and in the menu. */
  label: string;
  title: (who: string) => string;
  /** On the button that does nothing, where "Cancel" would not be clear. */
  dismiss?: string;
  /** It takes something away. */
  danger?: boolean;
  /** What will happen. */
  will: (who: string, task: Task) => string[];
  /** What has happened. */
  did: (who: string) => string;
  /** What there was nothing to change of, where that can be. */
  already?: (who: string, n: number) => string;
};

const sooner = "Each backup starts when a worker is free, which may take several minutes.";

export const actions: Record<Action, Words> = {
  activate: {
    label: "Activate",
    title: (who) => `Activate ${who}`,
    will: (who, task) => [
      `${who} will be Scheduled and backed up from now on: ${lower(schedule(task))}.`,
      "Activated Box users count on your bill. Those who are active already stay as they are.",
    ],
    did: (who) => `${who} activated.`,
    already: (who, n) => `${who} ${was(n)} active already.`,
  },
  pause: {
    label: "Pause",
    title: (who) => `Pause ${who}`,
    will: (who) => [
      `The scheduled backups of ${who} stop until they are activated again. A backup in progress still ends.`,
      "What is backed up stays and can be browsed and restored.",
    ],
    did: (who) => `${who} paused.`,
    already: (who, n) => `${who} ${was(n)} paused already.`,
  },
  backup: {
    label: "Backup now",
    title: (who) => `Back up ${who} now`,
    will: (who) => [
      `${who} will be backed up once, outside the schedule. ${sooner}`,
      "Where a backup is requested or in progress already, no second one starts.",
    ],
    did: (who) => `Backup of ${who} requested. ${sooner}`,
  },
  delete: {
    label: "Delete",
    title: (who) => `Delete the backups of ${who}`,
    danger: true,
    will: () => [
      "Scheduled backups stop, and what is backed up can no longer be browsed or restored. Nothing at Box changes.",
      "For 7 days this can be undone under “Recently deleted”. Then everything is deleted for good.",
    ],
    did: (who) => `The backups of ${who} are deleted. This can be undone for 7 days.`,
  },
  undelete: {
    label: "Undo",
    title: (who) => `Bring back the backups of ${who}`,
    will: () => ["All that was backed up is there again, and scheduled backups go on as before."],
    did: (who) => `The backups of ${who} are back.`,
  },
  release: {
    label: "Let backups expire again",
    title: (who) => `Let backups of ${who} expire again`,
    will: (who) => [
      `Backups of ${who} that are older than the task's retention are deleted for good, within a day.`,
    ],
    did: (who) => `Backups of ${who} expire again.`,
  },
  cancel: {
    label: "Cancel backup",
    title: (who) => `Cancel the backup of ${who}`,
    dismiss: "Let it go on",
    will: (who) => [
      `The backup of ${who} that is requested or in progress stops soon, without a snapshot.`,
      "What it has stored is kept for the next backup.",
    ],
    did: (who) => `The backup of ${who} is being cancelled.`,
  },
};

/** goingOn says what is being done for very many Box users. */
export const goingOn: Record<NonNullable<Task["going"]>["action"], string> = {
  activate: "Box users are being activated",
  pause: "Box users are being paused",
  backup: "Backups are being requested",
  "backup-active": "Backups are being requested",
  cancel: "Backups are being cancelled",
  delete: "Backups are being deleted",
  undelete: "Deleted backups are being brought back",
  release: "Backups are let expire again",
  tag: "Tags are being changed",
  untag: "A deleted tag is being taken away",
};

/** later says that something is done in the background, for about so many Box users. */
export const later = (of: number | undefined) =>
  `Being done for ${of ? `about ${people(of)}` : "all Box users"}. It goes on when this page is closed.`;

/** said tells what an action has done, and for how many there was nothing to do. */
export function said(action: Action, { done, changed = 0 }: Outcome, name: string | undefined): string {
  const { did, already } = actions[action];
  const same = already ? done - changed : 0;
  const parts = [];
  if (done > same) parts.push(did(name ?? people(done - same)));
  if (already && same > 0) parts.push(already(name ?? people(same), same));
  return parts.join(" ");
}

type Outcome = { done: number; changed?: number };

const was = (n: number) => (n === 1 ? "was" : "were");

/** people names a number of Box users. */
export const people = (n: number) => many(n, "Box user");

const lower = (s: string) => s.charAt(0).toLowerCase() + s.slice(1);
