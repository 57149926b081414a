import type { Schema } from "./api";
import { hourUTC } from "./format";

export type Frequency = Schema<"Task">["frequency"];

/** frequencies are how often a task can back up, in words. */
export const frequencies: readonly { value: Frequency; label: string }[] = [
  { value: "daily", label: "Daily" },
  { value: "every_3_days", label: "Every 3 days" },
  { value: "weekly", label: "Weekly" },
  { value: "three_times_daily", label: "3 times a day" },
];

/** hoursOf returns the hours of the day, in UTC, at which backups begin. */
export function hoursOf(frequency: Frequency, hour: number): number[] {
  const offsets = frequency === "three_times_daily" ? [0, 8, 16] : [0];
  return offsets.map((o) => (hour + o) % 24).sort((a, b) => a - b);
}

/** schedule says when a task backs up: "Daily at 01:00 UTC". */
export function schedule({ frequency, hour }: { frequency: Frequency; hour: number }): string {
  const label = frequencies.find((f) => f.value === frequency)?.label ?? frequency;
  return `${label} at ${hoursInWords(frequency, hour)}`;
}

/** hoursInWords returns the hours of the day at which backups begin: "01:00, 09:00 and 17:00 UTC". */
export function hoursInWords(frequency: Frequency, hour: number): string {
  const hours = hoursOf(frequency, hour).map((h) => hourUTC(h).replace(" UTC", ""));
  return `${new Intl.ListFormat("en", { type: "conjunction" }).format(hours).replace(", and", " and")} UTC`;
}

/** localHour returns what a backup hour is in the viewer's zone today: "2:00 AM". */
export function localHour(hour: number, now: Date, options: { locale?: string; timeZone?: string } = {}) {
  const at = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), hour));
  return new Intl.DateTimeFormat(options.locale, { timeStyle: "short", timeZone: options.timeZone }).format(
    at,
  );
}
