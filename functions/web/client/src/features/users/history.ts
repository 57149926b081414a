import type { Day } from "./history.api";

/** The chart shows so many days at most, of so many that the sliders reach back to. */
export const widest = 30;
export const reach = 90;

/** kinds are the kinds of items in the order of the columns, from below. */
export const kinds = [
  { key: "files", label: "Files" },
  { key: "folders", label: "Folders" },
  { key: "webLinks", label: "Web links" },
] as const;

/** dayAt returns the day, in UTC, at a place of the sliders: the last place is today. */
export function dayAt(place: number, now: Date): string {
  const days = reach - 1 - place;
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() - days))
    .toISOString()
    .slice(0, 10);
}

/** placeOf is the reverse of dayAt; undefined for a day that the sliders do not reach. */
export function placeOf(day: string | undefined, now: Date): number | undefined {
  const place = Array.from({ length: reach }, (_, p) => p).find((p) => dayAt(p, now) === day);
  return place;
}

/** rangeOf returns the places of the sliders for the days that an address names, if they make sense. */
export function rangeOf(from: string | undefined, to: string | undefined, now: Date): [number, number] {
  const last = placeOf(to, now) ?? reach - 1;
  const first = placeOf(from, now) ?? Math.max(0, last - widest + 1);
  return first > last || last - first >= widest ? [Math.max(0, last - widest + 1), last] : [first, last];
}

/** dayInWords says a day: "Nov 23", with the year where it is asked for. */
export function dayInWords(day: string, { locale, year }: { locale?: string; year?: boolean } = {}): string {
  return new Intl.DateTimeFormat(locale, {
    month: "short",
    day: "numeric",
    year: year ? "numeric" : undefined,
    timeZone: "UTC",
  }).format(new Date(`${day}T00:00:00Z`));
}

/** backedUp is how many items were new or changed on a day, and could be read. */
export function backedUp({ files, folders, webLinks }: Day): number {
  return files + folders + webLinks;
}

/** top returns a round number that is not below any column: the end of the scale. */
export function top(days: readonly Day[]): number {
  const most = Math.max(4, ...days.map(backedUp));
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 4, 6, 8, 10].find((s) => s * power >= most) ?? 10;
  return step * power;
}
