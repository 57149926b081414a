import { Text } from "@mantine/core";
import { count, many, size } from "@/lib/format";
import { schedule } from "@/lib/schedule";
import { discovering, type Task } from "@/lib/task";
import { Facts } from "@/ui/facts";
import { None, Time } from "@/ui/values";

/** Summary is what there is to know of a task as a whole. */
export function Summary({ of: task }: { of: Task }) {
  const { users } = task;
  return (
    <Facts
      of={[
        ["Box users", <Users key="users" of={task} />],
        [
          "Backup size",
          users.items > 0 ? `${size(users.size)} in ${many(users.items, "item")}` : <None key="size" />,
        ],
        ["Schedule", schedule(task)],
        ["Last backup", <Time key="last" at={users.lastBackup} />],
        ["Next run", <NextRun key="next" of={task} />],
        ...(task.calls ? ([["Box calls this month", <Meter key="calls" of={task.calls} />]] as const) : []),
      ]}
    />
  );
}

function Users({ of: task }: { of: Task }) {
  const { active, total } = task.users;
  if (discovering(task)) return "Being listed…";
  return total > 0 ? `${count(active)} of ${count(total)} active` : <None />;
}

function NextRun({ of: { connection, nextRun } }: { of: Task }) {
  if (connection === "Disconnected") return "Not before it is connected";
  return <Time at={nextRun} relative />;
}

/** Meter is how many Box calls a task has made this month, and what is to be expected of the month. */
function Meter({ of: { used, forecast, ceiling, stoppedUntil } }: { of: NonNullable<Task["calls"]> }) {
  return (
    <>
      {ceiling > 0 ? `${count(used)} of ${count(ceiling)}` : count(used)}
      <Text size="xs" c="dimmed" component="div">
        {stoppedUntil ? (
          <>
            The ceiling is reached; goes on <Time at={stoppedUntil} />
          </>
        ) : (
          `About ${count(forecast)} by its end`
        )}
      </Text>
    </>
  );
}
