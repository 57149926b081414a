import { createRoute } from "@tanstack/react-router";
import { homeSearch } from "@/features/tasks/home-search";
import { type Outcome, outcomes } from "@/features/tasks/words";
import { userSearch, usersSearch } from "@/features/users/users-search";
import { oneOf, type Search } from "@/lib/search";
import { portal } from "./routes";

const home = createRoute({ getParentRoute: () => portal, path: "/", validateSearch: homeSearch }).lazy(() =>
  import("@/features/tasks/home").then((m) => m.route),
);

const newTask = createRoute({ getParentRoute: () => portal, path: "/tasks/new" }).lazy(() =>
  import("@/features/tasks/new-task").then((m) => m.route),
);

const task = createRoute({ getParentRoute: () => portal, path: "/tasks/$task" }).lazy(() =>
  import("@/features/tasks/task").then((m) => m.route),
);

const users = createRoute({ getParentRoute: () => task, path: "/", validateSearch: usersSearch }).lazy(() =>
  import("@/features/users/users").then((m) => m.route),
);

const settings = createRoute({
  getParentRoute: () => task,
  path: "/settings",
  validateSearch: (s: Search): { connect?: Outcome; app?: "shown" } => ({
    connect: oneOf(s.connect, outcomes),
    app: oneOf(s.app, ["shown"]),
  }),
}).lazy(() => import("@/features/tasks/settings").then((m) => m.route));

const user = createRoute({
  getParentRoute: () => portal,
  path: "/tasks/$task/users/$user",
  validateSearch: userSearch,
}).lazy(() => import("@/features/users/user").then((m) => m.route));

/** tasks are the pages of backup tasks and their Box users. */
export const tasks = [home, newTask, task.addChildren([users, settings]), user];
