import { createRoute, redirect } from "@tanstack/react-router";
import { oneOf, type Search } from "@/lib/search";
import { portal } from "./routes";

const settings = createRoute({
  getParentRoute: () => portal,
  path: "/settings",
  beforeLoad: () => {
    throw redirect({ to: "/settings/account", replace: true });
  },
});

const settingsAccount = createRoute({
  getParentRoute: () => portal,
  path: "/settings/account",
}).lazy(() => import("@/features/settings/account").then((m) => m.route));

const settingsSecurity = createRoute({
  getParentRoute: () => portal,
  path: "/settings/security",
}).lazy(() => import("@/features/settings/security").then((m) => m.route));

const billing = createRoute({
  getParentRoute: () => portal,
  path: "/billing",
}).lazy(() => import("@/features/billing/billing").then((m) => m.route));

const topics = ["connecting", "statuses", "partial", "modes", "places", "sessions"] as const;

const support = createRoute({
  getParentRoute: () => portal,
  path: "/support",
  validateSearch: (s: Search): { topic?: (typeof topics)[number] } => ({ topic: oneOf(s.topic, topics) }),
}).lazy(() => import("@/features/support/support").then((m) => m.route));

/** account are the pages about the account itself, not its backups. */
export const account = [settings, settingsAccount, settingsSecurity, billing, support];
