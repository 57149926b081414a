import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Schema } from "@/lib/api";
import type { Place } from "@/lib/snapshots.api";
import { items } from "./items.api";
import type { Folder } from "./selection";

/** Ways are the folders from below the root folder to a folder, by the folder's id. */
export type Ways = ReadonlyMap<string, readonly Folder[]>;

const together = 4;

/**
 * useWays finds out where the items that were found are. Of an item the API tells the folder's id alone, so each
 * folder is asked for once, a few at a time. Without an answer there is no way, not an error.
 */
export function useWays(path: Place, found: readonly Schema<"Item">[] | undefined) {
  const queries = useQueryClient();
  const parents = [...new Set(found?.map((i) => i.parent ?? "0"))].filter((id) => id !== "0");
  return useQuery({
    queryKey: ["ways", path, parents],
    queryFn: async (): Promise<Ways> => {
      const ways = new Map<string, readonly Folder[]>([["0", []]]);
      const left = [...parents];
      const walk = async () => {
        for (let parent = left.pop(); parent !== undefined; parent = left.pop()) {
          const list = await queries.ensureQueryData(items(path, { parent }, 1)).catch(() => undefined);
          if (list) ways.set(parent, asFolders(list.path));
        }
      };
      await Promise.all(Array.from({ length: together }, walk));
      return ways;
    },
    enabled: found !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** asFolders keeps of items what a way needs. */
export function asFolders(path: readonly Schema<"Item">[]): readonly Folder[] {
  return path.map(({ id, name }) => ({ id, name }));
}
