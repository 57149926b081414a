import { SearchX, Unplug, Users } from "lucide-react";
import type { Task } from "@/lib/task";
import { Empty } from "@/ui/states";

/** NoUsers says why there are no Box users to show. */
export function NoUsers({ task, filtered }: { task: Task; filtered: boolean }) {
  if (filtered)
    return (
      <Empty icon={SearchX} title="No Box user matches">
        Change the search or the status, or clear the filters.
      </Empty>
    );
  if (task.connection === "Disconnected")
    return (
      <Empty icon={Unplug} title="Not connected to Box">
        The Box users appear here once an administrator has authorised this backup task. Open “Disconnected”
        above to do so.
      </Empty>
    );
  return <Empty icon={Users} title="No Box users" />;
}
