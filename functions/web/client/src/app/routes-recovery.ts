import { createRoute } from "@tanstack/react-router";
import { day, oneOf, type Paging, paging, type Search, type Sorting, sorting, text } from "@/lib/search";
import { portal } from "./routes";

const taskKeys = ["name", "users", "size", "lastBackup"] as const;
type TasksSearch = Paging & Sorting<(typeof taskKeys)[number]> & { q?: string };

const tasks = createRoute({
  getParentRoute: () => portal,
  path: "/recovery",
  validateSearch: (s: Search): TasksSearch => ({ q: text(s.q), ...sorting(s, taskKeys), ...paging(s) }),
}).lazy(() => import("@/features/recovery/tasks").then((m) => m.route));

const statuses = ["Scheduled", "In Process", "Success", "Partial", "Failed", "Paused", "Archived"] as const;
const userKeys = ["name", "status", "firstBackup", "lastBackup", "size"] as const;
type UsersSearch = Paging &
  Sorting<(typeof userKeys)[number]> & { q?: string; status?: (typeof statuses)[number] };

const users = createRoute({
  getParentRoute: () => portal,
  path: "/recovery/$task",
  validateSearch: (s: Search): UsersSearch => ({
    q: text(s.q),
    status: oneOf(s.status, statuses),
    ...sorting(s, userKeys),
    ...paging(s),
  }),
}).lazy(() => import("@/features/recovery/users").then((m) => m.route));

/** What is selected outlives walking between the pages below this one. */
const archive = createRoute({
  getParentRoute: () => portal,
  path: "/recovery/$task/$user",
}).lazy(() => import("@/features/recovery/scope").then((m) => m.route));

const kinds = ["folder", "file", "web_link"] as const;
type MethodSearch = Paging & {
  via?: "search";
  from?: string;
  to?: string;
  q?: string;
  kind?: (typeof kinds)[number];
  in?: string;
};

const methods = createRoute({
  getParentRoute: () => archive,
  path: "/",
  validateSearch: (s: Search): MethodSearch => ({
    via: oneOf(s.via, ["search"]),
    from: day(s.from),
    to: day(s.to),
    q: text(s.q),
    kind: oneOf(s.kind, kinds),
    in: text(s.in),
    ...paging(s),
  }),
}).lazy(() => import("@/features/recovery/user").then((m) => m.route));

const itemKeys = ["name", "size", "modified"] as const;
type SnapshotSearch = Paging &
  Sorting<(typeof itemKeys)[number]> & { parent?: string; q?: string; sha1?: "shown" };

const snapshot = createRoute({
  getParentRoute: () => archive,
  path: "/$snapshot",
  validateSearch: (s: Search): SnapshotSearch => ({
    parent: text(s.parent),
    q: text(s.q),
    sha1: oneOf(s.sha1, ["shown"]),
    ...sorting(s, itemKeys),
    ...paging(s),
  }),
}).lazy(() => import("@/features/recovery/snapshot").then((m) => m.route));

/** recovery are the pages that find what was backed up, and bring it back. */
export const recovery = [tasks, users, archive.addChildren([methods, snapshot])];
