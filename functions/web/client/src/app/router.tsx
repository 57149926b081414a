import type { QueryClient } from "@tanstack/react-query";
import { createRouter } from "@tanstack/react-router";
import { parseSearch, writeSearch } from "@/lib/search";
import { Loading } from "@/ui/states";
import { Crash, NotFound } from "./fallback";
import { nowhere, portal, root } from "./routes";
import { access } from "./routes-access";
import { account } from "./routes-account";
import { jobs } from "./routes-jobs";
import { recovery } from "./routes-recovery";
import { tasks } from "./routes-tasks";

const routes = root.addChildren([
  ...access,
  portal.addChildren([...tasks, ...recovery, ...jobs, ...account, nowhere]),
]);

/** newRouter returns the portal's router. Pages are loaded when they are first shown, or pointed at. */
export function newRouter(queries: QueryClient) {
  return createRouter({
    routeTree: routes,
    context: { queries },
    parseSearch,
    stringifySearch: writeSearch,
    defaultPreload: "intent",
    defaultPendingComponent: () => <Loading />,
    defaultErrorComponent: Crash,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof newRouter>;
  }
}
