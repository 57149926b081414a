import { useQuery } from "@tanstack/react-query";
import type { Schema } from "@/lib/api";
import { boxUsersQuery } from "@/lib/box-users.api";
import { polling } from "@/lib/queries";
import type { Paging, Sorting } from "@/lib/search";

export type UserKey = "name" | "status" | "firstBackup" | "lastBackup" | "size";

export type UserStatus = Exclude<Schema<"BoxUser">["status"], "Not Active">;

export type UsersSearch = Paging & Sorting<UserKey> & { q?: string; status?: UserStatus };

/** useBackedUp lists the Box users of a task that have a backup. */
export function useBackedUp(task: string, { q, status, sort, order, cursor }: UsersSearch) {
  return useQuery({
    ...boxUsersQuery(task, { q, status, sort, order, cursor, backedUp: true }),
    refetchInterval: polling.slow,
  });
}
