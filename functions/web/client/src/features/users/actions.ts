import { many } from "@/lib/format";
import { schedule } from "@/lib/schedule";
import type { Task } from "@/lib/task";

/** Action is what can be done for Box users. */
export type Action = "activate" | "pause" | "backup" | "cancel";

type Words = {
  /** On the button and in the menu. */
  label: string;
  title: (who: string) => string;
  /** On the button that does nothing, where "Cancel" would not be clear. */
  dismiss?: string;
  /** What will happen. */
  will: (who: string, task: Task) => string[];
  /** What has happened. */
  did: (who: string) => string;
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
  },
  pause: {
    label: "Pause",
    title: (who) => `Pause ${who}`,
    will: (who) => [
      `The scheduled backups of ${who} stop until they are activated again. A backup in progress still ends.`,
      "What is backed up stays and can be browsed, restored and exported.",
    ],
    did: (who) => `${who} paused.`,
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
  cancel: {
    label: "Cancel backup",
    title: (who) => `Cancel the backup of ${who}`,
    dismiss: "Let it go on",
    will: (who) => [
      `The backup of ${who} that is requested or in progress stops soon, without a snapshot.`,
      "What it has stored is kept for the next backup.",
    ],
    did: (who) => `The backup of ${who} is being canceled.`,
  },
};

/** people names a number of Box users. */
export const people = (n: number) => many(n, "Box user");

const lower = (s: string) => s.charAt(0).toLowerCase() + s.slice(1);
