import { createRoute } from "@tanstack/react-router";
import { oneOf, type Paging, paging, type Search, type Sorting, sorting, text } from "@/lib/search";
import { portal } from "./routes";

const taskKeys = ["name", "size", "lastBackup", "users", "created"] as const;
type HomeSearch = Paging & Sorting<(typeof taskKeys)[number]> & { q?: string; connect?: "expired" };

const home = createRoute({
  getParentRoute: () => portal,
  path: "/",
  validateSearch: (s: Search): HomeSearch => ({
    q: text(s.q),
    connect: oneOf(s.connect, ["expired"]),
    ...sorting(s, taskKeys),
    ...paging(s),
  }),
}).lazy(() => import("@/features/tasks/home").then((m) => m.route));

/** tasks are the pages of backup tasks and their Box users. */
export const tasks = [home];
