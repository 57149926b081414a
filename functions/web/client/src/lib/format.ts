/** Locale and zone follow the browser; tests name their own. */
type Options = { locale?: string; timeZone?: string };

const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte"] as const;

/** size formats bytes with three digits in decimal units, as Box does: 1.23 GB. */
export function size(bytes: number, { locale }: Options = {}): string {
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const unit = units[power] ?? "byte";
  const value = bytes / 1000 ** power;
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit,
    unitDisplay: power === 0 ? "long" : "short",
    maximumSignificantDigits: power === 0 ? undefined : 3,
  }).format(value);
}

/** count formats a whole number. */
export function count(n: number, { locale }: Options = {}): string {
  return new Intl.NumberFormat(locale).format(n);
}

/** many says how many there are of something: "1 file", "2,000 files". */
export function many(n: number, one: string, more = `${one}s`, options: Options = {}): string {
  return `${count(n, options)} ${n === 1 ? one : more}`;
}

/** dateTime formats a moment in the viewer's zone. */
export function dateTime(at: string | Date, { locale, timeZone }: Options = {}): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone }).format(
    new Date(at),
  );
}

/** date formats the day of a moment in the viewer's zone. */
export function date(at: string | Date, { locale, timeZone }: Options = {}): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone }).format(new Date(at));
}

/** utc formats a moment in UTC to the second, for those who compare with logs. */
export function utc(at: string | Date, { locale }: Options = {}): string {
  const options = { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" } as const;
  return `${new Intl.DateTimeFormat(locale, options).format(new Date(at))} UTC`;
}

/** hourUTC formats the backup hour, which is the same everywhere: "01:00 UTC". */
export function hourUTC(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00 UTC`;
}

/** duration formats seconds with its two largest units: "2 h 5 min", "40 s". */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  const minutes = Math.round(s / 60);
  if (minutes < 60)
    return s < 600 && s % 60 !== 0 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** daysLeft says how long something can still be done: "6 days left". */
export function daysLeft(until: string, now: Date): string {
  const exact = (Date.parse(until) - now.getTime()) / 3_600_000;
  if (exact < 1) return "Less than an hour left";
  const hours = Math.round(exact); // so that there are 7 days left right after 7 days began
  return `${hours < 24 ? many(hours, "hour") : many(Math.floor(hours / 24), "day")} left`;
}

/** ago says how long before now a moment was, in words: "3 hours ago". */
export function ago(at: string | Date, now: Date, { locale }: Options = {}): string {
  const seconds = (new Date(at).getTime() - now.getTime()) / 1000;
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
  ];
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit);
  }
  return format.format(Math.trunc(seconds), "second");
}
