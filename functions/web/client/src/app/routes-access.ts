import { createRoute } from "@tanstack/react-router";
import { inside, oneOf, type Search, text } from "@/lib/search";
import { signedOut } from "./guard";
import { root } from "./routes";

const notices = ["activated", "changed", "expired"] as const;
type SignInSearch = { next?: string; notice?: (typeof notices)[number] };

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (s: Search): SignInSearch => ({
    next: inside(s.next) === "/" ? undefined : inside(s.next),
    notice: oneOf(s.notice, notices),
  }),
  beforeLoad: async ({ context, search }) => {
    // Who has just followed a mailed link may be somebody else than who is signed in, and is to read the notice.
    if (search.notice === "activated" || search.notice === "changed") return;
    await signedOut(context.queries, search.next ?? "/");
  },
}).lazy(() => import("@/features/access/sign-in").then((m) => m.route));

const signUp = createRoute({
  getParentRoute: () => root,
  path: "/sign-up",
  validateSearch: (s: Search): { location?: string } => ({ location: text(s.location) }),
  beforeLoad: ({ context }) => signedOut(context.queries, "/"),
}).lazy(() => import("@/features/access/sign-up").then((m) => m.route));

const activate = createRoute({
  getParentRoute: () => root,
  path: "/activate",
}).lazy(() => import("@/features/access/activate").then((m) => m.route));

const forgot = createRoute({
  getParentRoute: () => root,
  path: "/forgot-password",
}).lazy(() => import("@/features/access/forgot-password").then((m) => m.route));

const reset = createRoute({
  getParentRoute: () => root,
  path: "/reset-password",
}).lazy(() => import("@/features/access/reset-password").then((m) => m.route));

/** access are the pages of those who are not signed in. */
export const access = [signIn, signUp, activate, forgot, reset];
