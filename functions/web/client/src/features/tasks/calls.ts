import type { Schema } from "@/lib/api";

export type Calls = Schema<"Calls">;

/** purposes is what Box calls are for, by their kind; the first that fits counts. */
const purposes: readonly [string, RegExp][] = [
  ["Finding changes", /^event\./],
  ["Listing folders", /^(folder|trash)\.items$/],
  ["Downloading", /^(zip\.|content|(file|version)\.download)/],
  ["Signing in", /^token\./],
  ["Checking the connection", /^(check\.|user\.me$)/], // which asks as each Box user who that is
  ["Listing Box users and groups", /^(user|group)\./],
  [
    "Restoring",
    /\.(create|update|delete|upload|preflight|assign|restore|promote|purge|commit|parts?|abort)$/,
  ],
  [
    "Details of items",
    /^(file|folder|web_link|comment|task|metadata|template|collaboration|version|trash|session)\./,
  ],
];

const other = "Other";

/** byPurpose adds up the calls of a month by what they were for, most first. */
export function byPurpose({ byKind }: Pick<Calls, "byKind">): readonly [string, number][] {
  const sums = new Map<string, number>();
  for (const [kind, n] of Object.entries(byKind)) {
    const purpose = purposes.find(([, of]) => of.test(kind))?.[0] ?? other;
    sums.set(purpose, (sums.get(purpose) ?? 0) + n);
  }
  return [...sums].sort(([a, n], [b, m]) => m - n || a.localeCompare(b));
}

/** load is how much of the ceiling is used and will be, from 0 to 1; nothing without a ceiling. */
export function load({ used, forecast, ceiling }: Calls): { used: number; forecast: number } | undefined {
  if (ceiling === 0) return undefined;
  const share = (n: number) => Math.min(1, n / ceiling);
  return { used: share(used), forecast: share(Math.max(used, forecast)) };
}
