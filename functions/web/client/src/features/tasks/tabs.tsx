import { Link } from "@tanstack/react-router";
import { Settings, Users } from "lucide-react";
import classes from "./tabs.module.css";

/** Tabs leads from one page of a backup task to the other. */
export function Tabs({ task }: { task: string }) {
  const params = { task };
  return (
    <nav aria-label="Backup task" className={classes.tabs}>
      <Link to="/tasks/$task" params={params} activeOptions={{ exact: true, includeSearch: false }}>
        <Users size={15} aria-hidden /> Box users
      </Link>
      <Link to="/tasks/$task/settings" params={params} activeOptions={{ includeSearch: false }}>
        <Settings size={15} aria-hidden /> Settings
      </Link>
    </nav>
  );
}
