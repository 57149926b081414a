import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Page } from "@/ui/page";
import classes from "./frame.module.css";

const tabs = [
  { label: "Account", to: "/settings/account" },
  { label: "Security", to: "/settings/security" },
] as const;

/** Frame is what the settings pages share: the way from one to the other. */
export function Frame({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Page title={title}>
      <nav className={classes.tabs} aria-label="Settings">
        {tabs.map((tab) => (
          <Link key={tab.to} to={tab.to} className={classes.tab} activeProps={{ "aria-current": "page" }}>
            {tab.label}
          </Link>
        ))}
      </nav>
      {children}
    </Page>
  );
}
