import type { ReactNode } from "react";
import classes from "./tabs.module.css";

/** Tabs is a row of links between the pages of one thing. */
export function Tabs({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav aria-label={label} className={classes.tabs}>
      {children}
    </nav>
  );
}
