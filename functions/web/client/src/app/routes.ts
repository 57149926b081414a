import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, Outlet } from "@tanstack/react-router";
import { NotFound, Opening } from "./fallback";
import { signedIn } from "./guard";
import { Shell } from "./shell";

export const root = createRootRouteWithContext<{ queries: QueryClient }>()({ component: Outlet });

/** portal is the parent of every page that needs a session. */
export const portal = createRoute({
  getParentRoute: () => root,
  id: "portal",
  beforeLoad: ({ context, location }) => signedIn(context.queries, location.href),
  component: Shell,
  pendingComponent: Opening,
});

/** nowhere is every other address: it is looked for inside the portal, so that the navigation stays. */
export const nowhere = createRoute({ getParentRoute: () => portal, path: "$", component: NotFound });
