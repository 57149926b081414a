import { day, oneOf, type Paging, paging, type Search, type Sorting, sorting, text } from "@/lib/search";
import { type BoxUserStatus, statuses } from "@/lib/task";

/** userSorts is what Box users can be sorted by. */
export const userSorts = ["name", "login", "status", "size", "lastBackup"] as const;

export type UserSort = (typeof userSorts)[number];

/** UsersFilter is which Box users are meant. */
export type UsersFilter = { q?: string; status?: BoxUserStatus; tag?: string };

/** UsersSearch is also whether those deleted of late are shown. */
export type UsersSearch = Paging & Sorting<UserSort> & UsersFilter & { deleted?: "shown" };

/** usersSearch reads the address of a task's Box users. */
export function usersSearch(s: Search): UsersSearch {
  return {
    q: text(s.q),
    status: oneOf(s.status, statuses),
    tag: text(s.tag),
    deleted: oneOf(s.deleted, ["shown"]),
    ...sorting(s, userSorts),
    ...paging(s),
  };
}

export type UserSearch = Paging & { failures?: string; from?: string; to?: string };

/** userSearch reads the address of a Box user; failures is the snapshot whose failures are shown, from and to are the chart's days. */
export function userSearch(s: Search): UserSearch {
  return { failures: text(s.failures), from: day(s.from), to: day(s.to), ...paging(s) };
}
