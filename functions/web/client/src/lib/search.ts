/**
 * What an address says after its question mark, parsed once at the edge. A value that makes no sense is left out,
 * so that an old or mistyped address still opens the page.
 */
export type Search = Record<string, unknown>;

/** text returns the value as a string, or undefined when it is empty or none. */
export function text(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** oneOf returns the value if it is one of those. */
export function oneOf<T extends string>(value: unknown, all: readonly T[]): T | undefined {
  return all.find((v) => v === value);
}

/** whole returns the value as a whole number of at least least. */
export function whole(value: unknown, least: number): number | undefined {
  const n = Number(value);
  return value !== "" && Number.isInteger(n) && n >= least ? n : undefined;
}

/** day returns the value if it is a date such as 2026-11-23. */
export function day(value: unknown): string | undefined {
  const s = text(value);
  return s && /^\d{4}-\d{2}-\d{2}$/.test(s) && !Number.isNaN(Date.parse(s)) ? s : undefined;
}

/** Paging is which page of a list is shown: its cursor, and its number for the person. */
export type Paging = { cursor?: string; page?: number };

export function paging(search: Search): Paging {
  const cursor = text(search.cursor);
  return cursor ? { cursor, page: whole(search.page, 2) } : {};
}

/** Sorting is by what a list is sorted. */
export type Sorting<Key extends string> = { sort?: Key; order?: "asc" | "desc" };

export function sorting<Key extends string>(search: Search, keys: readonly Key[]): Sorting<Key> {
  return { sort: oneOf(search.sort, keys), order: oneOf(search.order, ["asc", "desc"]) };
}

const here = "https://portal.invalid";

/**
 * inside returns the address if it is one of this portal: where to go on after signing in. A list begins at its first
 * page there: the cursors of the session that ended are void.
 */
export function inside(value: unknown): string {
  const s = text(value);
  if (!s?.startsWith("/") || s.includes("\\") || !URL.canParse(s, here)) return "/";
  const to = new URL(s, here);
  if (to.origin !== here || to.pathname.startsWith("//")) return "/";
  to.searchParams.delete("cursor");
  to.searchParams.delete("page");
  return to.pathname + to.search + to.hash;
}

/** parseSearch reads an address's search without guessing at types: an id of digits stays a string. */
export function parseSearch(search: string): Search {
  return Object.fromEntries(new URLSearchParams(search));
}

/** writeSearch is the reverse of parseSearch; what is undefined or empty is left out. */
export function writeSearch(search: Search): string {
  const words = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    const s = text(value);
    if (s !== undefined) words.set(key, s);
  }
  return words.size > 0 ? `?${words}` : "";
}
