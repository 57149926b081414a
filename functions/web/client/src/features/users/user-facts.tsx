import type { ReactNode } from "react";
import type { BoxUser } from "@/lib/box-users.api";
import { count, date, many, size } from "@/lib/format";
import { archivedUntil, nextRun, type Task } from "@/lib/task";
import { Facts } from "@/ui/facts";
import { None, Time } from "@/ui/values";

/** UserFacts is what there is to know of a Box user's backup as a whole. */
export function UserFacts({ task, user }: { task: Task | undefined; user: BoxUser }) {
  return (
    <Facts
      of={[
        ["Scheduled backups", user.active ? "On" : "Off"],
        ["Next run", <NextRun key="next" task={task} user={user} />],
        [
          "Backup size",
          user.snapshot ? `${size(user.size)} in ${many(user.items, "item")}` : <None key="size" />,
        ],
        ["First backup", <Time key="first" at={user.firstBackup} />],
        ["Last backup", <Time key="last" at={user.lastBackup} />],
        ...more(user, task && archivedUntil(task, user)),
      ]}
    />
  );
}

function NextRun({ task, user }: { task: Task | undefined; user: BoxUser }) {
  if (!user.active) return <None label="None while scheduled backups are off" />;
  if (task?.connection === "Disconnected") return "Not before the task is connected";
  return <Time at={task && nextRun(task)} relative />;
}

/** more is what is worth knowing of some Box users and not of others. */
function more(
  { locked, snapshot, verified, archived, reconciled, external, drift }: BoxUser,
  until: string | undefined,
) {
  const facts: [string, ReactNode][] = [];
  if (locked) return facts;
  if (verified) facts.push(["Last verified", <Time key="verified" at={verified} />]);
  else if (snapshot) facts.push(["Last verified", "Not yet"]);
  if (archived) facts.push(["Archived since", <Time key="archived" at={archived} />]);
  if (until) facts.push(["Deleted for good on", date(until)]);
  if (reconciled) facts.push(["Folders last listed again", <Time key="reconciled" at={reconciled} />]);
  if (external > 0) facts.push(["Items of other companies", count(external)]);
  if (drift > 0) facts.push(["Missed by Box's events", count(drift)]);
  return facts;
}
