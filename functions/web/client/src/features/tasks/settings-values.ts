import type { UseFormReturnType } from "@mantine/form";
import type { Schema } from "@/lib/api";
import { date } from "@/lib/format";
import type { Frequency } from "@/lib/schedule";
import type { Task } from "@/lib/task";

type Retention = NonNullable<Schema<"Policy">["retention"]>;
export type Unit = Retention["unit"];

/** Values are what the settings' form holds; a number that is empty stands for "as many as it takes". */
export type Values = {
  autoActivate: boolean;
  frequency: Frequency;
  hour: string;
  versions: boolean;
  trash: boolean;
  index: boolean;
  forGood: boolean;
  number: number | string;
  unit: Unit;
  archiveForGood: boolean;
  archiveDays: number | string;
  ceiling: number | string;
  concurrency: number | string;
};

/** Fields is the settings' form. */
export type Fields = UseFormReturnType<Values>;

/** longest is the longest retention in each unit. */
export const longest: Record<Unit, number> = { days: 3650, months: 120, years: 50 };

export const most = { archiveDays: 3650, ceiling: 1_000_000_000, concurrency: 100 };

/** valuesOf returns a task's settings as the form shows them. */
export function valuesOf({ autoActivate, frequency, hour, policy }: Task): Values {
  const { versions, trash, index, retention, archiveDays, ceiling, concurrency } = policy;
  return {
    autoActivate,
    frequency,
    hour: String(hour),
    versions,
    trash,
    index,
    forGood: retention === null,
    number: retention?.number ?? 1,
    unit: retention?.unit ?? "years",
    archiveForGood: archiveDays === 0,
    archiveDays: archiveDays || 90,
    ceiling: ceiling || "",
    concurrency: concurrency || "",
  };
}

/** changes returns what differs: nothing else is sent, so that nothing of someone else's is written over. */
export function changes(before: Values, now: Values): Schema<"TaskSettings"> {
  const policy: Schema<"PolicyChange"> = {};
  for (const name of ["versions", "trash", "index"] as const)
    if (before[name] !== now[name]) policy[name] = now[name];
  for (const name of ["ceiling", "concurrency"] as const)
    if (Number(before[name]) !== Number(now[name])) policy[name] = Number(now[name]);
  if (archiveDays(before) !== archiveDays(now)) policy.archiveDays = archiveDays(now);
  const [was, is] = [retention(before), retention(now)];
  if (was?.number !== is?.number || was?.unit !== is?.unit) policy.retention = is;
  return {
    autoActivate: before.autoActivate !== now.autoActivate ? now.autoActivate : undefined,
    frequency: before.frequency !== now.frequency ? now.frequency : undefined,
    hour: before.hour !== now.hour ? Number(now.hour) : undefined,
    policy: Object.keys(policy).length > 0 ? policy : undefined,
  };
}

const archiveDays = (v: Values) => (v.archiveForGood ? 0 : Number(v.archiveDays));

function retention({ forGood, number, unit }: Values): Retention | null {
  return forGood ? null : { number: Number(number), unit };
}

/** faults says what cannot be meant, by field. */
export function faults(v: Values): Partial<Record<keyof Values, string>> {
  const wrong: Partial<Record<keyof Values, string>> = {};
  const check = (name: "number" | "archiveDays" | "ceiling" | "concurrency", least: number, end: number) => {
    const n = Number(v[name]);
    if (!Number.isInteger(n) || n < least || n > end || (least > 0 && v[name] === ""))
      wrong[name] = `A whole number from ${least} to ${end.toLocaleString("en-US")}.`;
  };
  if (!v.forGood) check("number", 1, longest[v.unit]);
  if (!v.archiveForGood) check("archiveDays", 1, most.archiveDays);
  check("ceiling", 0, most.ceiling);
  check("concurrency", 0, most.concurrency);
  return wrong;
}

/** before returns the day before which snapshots have expired at now; undefined where none ever does. */
export function before({ forGood, number, unit }: Values, now: Date): Date | undefined {
  const n = Number(number);
  if (forGood || !Number.isInteger(n) || n < 1 || n > longest[unit]) return undefined;
  const day = new Date(now);
  if (unit === "days") {
    day.setUTCDate(day.getUTCDate() - n);
    return day;
  }
  day.setUTCMonth(day.getUTCMonth() - (unit === "months" ? n : 12 * n));
  if (day.getUTCDate() !== now.getUTCDate()) day.setUTCDate(0); // a shorter month: its last day
  return day;
}

/**
 * expiring warns of what is deleted by a retention shorter than the one before; undefined where nothing is, as before
 * the day when the task was created.
 */
export function expiring(was: Values, is: Values, now: Date, created: Date): string | undefined {
  const [then, day] = [before(was, now), before(is, now)];
  if (!day || day <= created || (then && then >= day)) return undefined;
  return `Snapshots taken before ${date(day)} expire. They are deleted for good 7 days after you save; until then you can set this back.`;
}

/** archivesExpiring warns where archives of Box users who left are kept for a shorter time than before. */
export function archivesExpiring(was: Values, is: Values): string | undefined {
  const [then, now] = [archiveDays(was), archiveDays(is)];
  if (now <= 0 || now > most.archiveDays || !Number.isInteger(now) || (then > 0 && then <= now))
    return undefined;
  return `The backups of Box users who left more than ${now === 1 ? "a day" : `${now} days`} ago are deleted for good 7 days after you save; until then you can set this back.`;
}
