import { createRoute } from "@tanstack/react-router";
import { inside, type Search } from "@/lib/search";
import { signedOut } from "./guard";
import { root } from "./routes";

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (s: Search): { next?: string } => (inside(s.next) === "/" ? {} : { next: inside(s.next) }),
  beforeLoad: ({ context, search }) => signedOut(context.queries, search.next ?? "/"),
}).lazy(() => import("@/features/access/sign-in").then((m) => m.route));

/** access are the pages of those who are not signed in. */
export const access = [signIn];
