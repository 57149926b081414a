import { count, many, size } from "@/lib/format";
import { schedule } from "@/lib/schedule";
import { discovering, type Task } from "@/lib/task";
import { Facts } from "@/ui/facts";
import { Time } from "@/ui/values";

/** Summary is what there is to know of a task as a whole. */
export function Summary({ of: task }: { of: Task }) {
  const { users } = task;
  return (
    <Facts
      of={[
        [
          "Box users",
          discovering(task) ? "Being listed…" : `${count(users.active)} of ${count(users.total)} active`,
        ],
        ["Backup size", `${size(users.size)} in ${many(users.items, "item")}`],
        ["Schedule", schedule(task)],
        ["Last backup", <Time key="last" at={users.lastBackup} />],
        ["Next run", <NextRun key="next" of={task} />],
      ]}
    />
  );
}

function NextRun({ of: { connection, nextRun } }: { of: Task }) {
  if (connection === "Disconnected") return "Not before it is connected";
  return <Time at={nextRun} relative />;
}
