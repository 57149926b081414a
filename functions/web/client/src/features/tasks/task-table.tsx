import { Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { backupDetail, backupWork } from "@/lib/backup";
import { count, many } from "@/lib/format";
import type { Sorting } from "@/lib/search";
import { nextRun, type Task } from "@/lib/task";
import { type Column, DataTable } from "@/ui/data-table";
import { TextLink } from "@/ui/link";
import { WorkProgress } from "@/ui/progress";
import { None, Size, Time } from "@/ui/values";
import { CallsMeter } from "./calls-meter";
import { Connection } from "./connection";
import { Problems } from "./problems";
import { TaskMenu } from "./task-menu";
import type { TaskSort } from "./words";

type Props = {
  tasks: readonly Task[] | undefined;
  stale: boolean;
  sorting: Sorting<TaskSort> & { change: (to: Sorting<TaskSort>) => void };
  empty: ReactNode;
};

/** TaskTable lists backup tasks with what there is to know of them at a glance. */
export function TaskTable({ tasks, stale, sorting, empty }: Props) {
  return (
    <DataTable
      label="Backup tasks"
      columns={columns}
      rows={tasks}
      rowKey={(t) => t.id}
      sorting={sorting}
      stale={stale}
      empty={empty}
    />
  );
}

const columns: readonly Column<Task, TaskSort>[] = [
  { key: "name", header: "Backup task", sort: "name", cell: (t) => <Name of={t} /> },
  { key: "connection", header: "Connection", cell: (t) => <Connection of={t} /> },
  { key: "problems", header: "Problems", cell: (t) => <Problems of={t} /> },
  { key: "users", header: "Box users", sort: "users", cell: (t) => <Users of={t} />, wide: true },
  {
    key: "size",
    header: "Size",
    sort: "size",
    align: "right",
    cell: (t) => <Size bytes={t.users.size} />,
    wide: true,
  },
  {
    key: "calls",
    header: "Box calls",
    cell: (t) => (t.calls ? <CallsMeter of={t.calls} /> : <None />),
    wide: true,
  },
  { key: "last", header: "Last backup", sort: "lastBackup", cell: (t) => <Last of={t} /> },
  { key: "next", header: "Next run", cell: (t) => <Next of={t} />, wide: true },
  { key: "menu", header: "Menu", align: "right", pinned: true, cell: (t) => <TaskMenu task={t} /> },
];

function Name({ of: { id, name, enterprise } }: { of: Task }) {
  return (
    <Stack gap={0} maw={230}>
      <TextLink to="/tasks/$task" params={{ task: id }} fw={600} size="sm" truncate title={name}>
        {name}
      </TextLink>
      <Text size="xs" c="dimmed" truncate title={enterprise?.name}>
        Box{enterprise && ` · ${enterprise.name}`}
      </Text>
    </Stack>
  );
}

function Users({ of: { users } }: { of: Task }) {
  if (users.total === 0) return <None />;
  return (
    <span className="number">
      {count(users.active)} of {count(users.total)} active
    </span>
  );
}

function Last({ of: { users, progress } }: { of: Task }) {
  if (!progress) return <Time at={users.lastBackup} />;
  const doing = `Backing up ${many(progress.running, "Box user")}`;
  return (
    <Stack gap={2} miw={170}>
      <Text size="sm">{doing}</Text>
      <WorkProgress work={backupWork(progress)} label={doing} detail={backupDetail(progress)} />
    </Stack>
  );
}

function Next({ of: task }: { of: Task }) {
  if (task.connection === "Disconnected") return <None label="None while Disconnected" />;
  return <Time at={nextRun(task)} relative />;
}
