import { Group, Text } from "@mantine/core";
import { count, many, size } from "@/lib/format";
import { schedule } from "@/lib/schedule";
import { discovering, nextRun, type Task } from "@/lib/task";
import { Facts } from "@/ui/facts";
import { TextLink } from "@/ui/link";
import { None, Time } from "@/ui/values";
import { CallsInfo } from "./calls-info";
import { CallsMeter } from "./calls-meter";

/** Summary is what there is to know of a task as a whole. */
export function Summary({ of: task }: { of: Task }) {
  const { users } = task;
  return (
    <Facts
      of={[
        ["Box users", <Users key="users" of={task} />],
        ["Backup size", <Backups key="size" of={users} />],
        ["Schedule", schedule(task)],
        ["Last backup", <Time key="last" at={users.lastBackup} />],
        ["Next run", <NextRun key="next" of={task} />],
        ...(task.calls ? ([["Box calls this month", <Calls key="calls" of={task.calls} />]] as const) : []),
      ]}
    />
  );
}

function Backups({ of: { size: bytes, items, outdated } }: { of: Task["users"] }) {
  return (
    <>
      {items > 0 ? `${size(bytes)} in ${many(items, "item")}` : <None />}
      {outdated && (
        <Text size="xs" c="dimmed">
          Being brought up to date…
        </Text>
      )}
    </>
  );
}

function Users({ of: task }: { of: Task }) {
  const { active, total } = task.users;
  if (discovering(task)) return "Being listed…";
  return (
    <>
      {total > 0 ? `${count(active)} of ${count(total)} active` : <None />}
      <Gone of={task} />
    </>
  );
}

/** Gone leads to the Box users who have left the enterprise, and to those whose backups were deleted of late. */
function Gone({ of: { id, users } }: { of: Task }) {
  if (users.archived + users.deleted === 0) return null;
  const link = { to: "/tasks/$task", params: { task: id }, size: "xs" } as const;
  return (
    <Group gap="0 10px">
      {users.archived > 0 && (
        <TextLink {...link} search={{ status: "Archived" }}>
          {count(users.archived)} archived
        </TextLink>
      )}
      {users.deleted > 0 && (
        <TextLink {...link} search={{ deleted: "shown" }}>
          {count(users.deleted)} deleted
        </TextLink>
      )}
    </Group>
  );
}

function NextRun({ of: task }: { of: Task }) {
  if (task.connection === "Disconnected") return "Not before it is connected";
  return <Time at={nextRun(task)} relative />;
}

function Calls({ of: calls }: { of: NonNullable<Task["calls"]> }) {
  return (
    <Group gap={4} wrap="nowrap" align="flex-start">
      <CallsMeter of={calls} />
      <CallsInfo of={calls} />
    </Group>
  );
}
