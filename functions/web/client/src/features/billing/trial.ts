import { many } from "@/lib/format";

const day = 24 * 60 * 60 * 1000;

/** Trial is how much of an account's trial is over, from 0 to 1, and what is left of it in words. */
export type Trial = { share: number; left: string; ended: boolean };

/** trial returns how a trial stands at now. A day that has begun counts as one that is left. */
export function trial(begins: string, ends: string, now: Date): Trial {
  const [from, to] = [Date.parse(begins), Date.parse(ends)];
  const left = to - now.getTime();
  if (left <= 0) return { share: 1, left: "Ended", ended: true };
  const share = Math.min(1, Math.max(0, (now.getTime() - from) / (to - from)));
  const words = left < day ? "Less than a day left" : `${many(Math.ceil(left / day), "day")} left`;
  return { share, left: words, ended: false };
}
