import { duration } from "./format";

/** Work is how far something has come, whatever it counts. */
export type Work = { done: number; total: number; started?: string; updated?: string };

/** A rate from less than this many seconds or units says nothing yet. */
const enough = { seconds: 2, units: 5 };

/** share returns how much is done, from 0 to 1, or undefined while that is not known. */
export function share({ done, total }: Work): number | undefined {
  return total > 0 ? Math.min(1, done / total) : undefined;
}

/** remaining estimates the seconds until the end from the pace so far; undefined while there is none. */
export function remaining({ done, total, started, updated }: Work): number | undefined {
  if (!started || !updated || total <= 0) return undefined;
  const seconds = (Date.parse(updated) - Date.parse(started)) / 1000;
  if (!(seconds >= enough.seconds) || done < enough.units) return undefined;
  return Math.max(0, ((total - done) * seconds) / done);
}

/** estimate says in words when the work will be done, as seen at now. */
export function estimate(work: Work, now: Date): string {
  const seconds = remaining(work);
  if (seconds === undefined || !work.updated) return "Estimating the end…";
  const left = seconds - (now.getTime() - Date.parse(work.updated)) / 1000;
  return left < 1 ? "Almost done" : `About ${duration(left)} left`;
}
