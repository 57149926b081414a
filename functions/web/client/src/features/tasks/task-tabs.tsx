import { Link } from "@tanstack/react-router";
import { Settings, Users } from "lucide-react";
import { Tabs } from "@/ui/tabs";

/** TaskTabs leads from one page of a backup task to the other. */
export function TaskTabs({ task }: { task: string }) {
  const params = { task };
  return (
    <Tabs label="Backup task">
      <Link to="/tasks/$task" params={params} activeOptions={{ exact: true, includeSearch: false }}>
        <Users size={15} aria-hidden /> Box users
      </Link>
      <Link to="/tasks/$task/settings" params={params} activeOptions={{ includeSearch: false }}>
        <Settings size={15} aria-hidden /> Settings
      </Link>
    </Tabs>
  );
}
