import { Group, Text } from "@mantine/core";
import { count } from "@/lib/format";
import { type BoxUserStatus, having, type Task } from "@/lib/task";
import { TextLink } from "@/ui/link";
import { Status } from "@/ui/status";
import classes from "./problems.module.css";

const kinds: readonly BoxUserStatus[] = ["Failed", "Partial"];

/** troubles are what is wrong with a task as a whole, of which its page says more. */
function troubles({ damage, overdue, calls, lapses }: Task): readonly string[] {
  return [
    ...(lapses ? ["Connection lapses"] : []),
    ...(damage ? ["Damaged"] : []),
    ...(overdue ? ["Overdue"] : []),
    ...(calls?.stoppedUntil ? ["Ceiling reached"] : []),
  ];
}

/** Problems names what is wrong with a task and counts its Box users with a problem; each leads to them. */
export function Problems({ of: task }: { of: Task }) {
  const some = kinds.filter((status) => having(task, status) > 0);
  const whole = troubles(task);
  if (some.length + whole.length === 0)
    return (
      <Text span inherit c="dimmed">
        None
      </Text>
    );
  return (
    <Group gap="2px 12px" maw={240}>
      {whole.map((trouble) => (
        <TextLink key={trouble} to="/tasks/$task" params={{ task: task.id }} className={classes.problem}>
          <Status of={trouble} />
          <span className="for-screen-readers"> {task.name}</span>
        </TextLink>
      ))}
      {some.map((status) => (
        <TextLink
          key={status}
          to="/tasks/$task"
          params={{ task: task.id }}
          search={{ status }}
          className={classes.problem}
        >
          <Status of={status} /> <span className="number">{count(having(task, status))}</span>
          <span className="for-screen-readers"> Box users of {task.name}</span>
        </TextLink>
      ))}
    </Group>
  );
}
