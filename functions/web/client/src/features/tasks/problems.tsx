import { Group, Text } from "@mantine/core";
import { count } from "@/lib/format";
import { type BoxUserStatus, having, type Task } from "@/lib/task";
import { TextLink } from "@/ui/link";
import { Status } from "@/ui/status";
import classes from "./problems.module.css";

const kinds: readonly BoxUserStatus[] = ["Failed", "Partial"];

/** Problems counts a task's Box users with a problem; each count leads to them. */
export function Problems({ of: task }: { of: Task }) {
  const some = kinds.filter((status) => having(task, status) > 0);
  if (some.length === 0)
    return (
      <Text span inherit c="dimmed">
        None
      </Text>
    );
  return (
    <Group gap="0 12px">
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
