import { Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { backupDetail, backupWork } from "@/lib/backup";
import { count, many } from "@/lib/format";
import type { Sorting } from "@/lib/search";
import { nextRun, type Task } from "@/lib/task";
import { type Column, DataTable } from "@/ui/data-table";
import { TextLink } from "@/ui/link";
import { WorkProgress } from "@/ui/progress";
import { Count, None, Size, Time } from "@/ui/values";
import { CallsMeter } from "./calls-meter";
import { Connection } from "./connection";
import { Problems } from "./problems";
import { TaskMenu } from "./task-menu";
import classes from "./task-table.module.css";
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
    wide: "very",
  },
  {
    key: "calls",
    header: "Box calls",
    cell: (t) => (t.calls ? <CallsMeter of={t.calls} /> : <None />),
    wide: "very",
  },
  { key: "last", header: "Last backup", sort: "lastBackup", cell: (t) => <Last of={t} /> },
  { key: "next", header: "Next run", cell: (t) => <Next of={t} />, wide: "very" },
  { key: "menu", header: "Menu", align: "right", pinned: true, cell: (t) => <TaskMenu task={t} /> },
];

function Name({ of: task }: { of: Task }) {
  const { id, name, enterprise } = task;
  return (
    <Stack gap={0} className={classes.name}>
      <TextLink to="/tasks/$task" params={{ task: id }} fw={600} size="sm" truncate title={name}>
        {name}
      </TextLink>
      <Text size="xs" c="dimmed" truncate title={enterprise?.name}>
        Box{enterprise && ` · ${enterprise.name}`}
      </Text>
      <Text size="xs" c="dimmed" component="div" className={classes.rest}>
        <Rest of={task} />
      </Text>
    </Stack>
  );
}

/** Rest is what has a column of its own where there is room for it. */
function Rest({ of: task }: { of: Task }) {
  const { users, calls } = task;
  return (
    <>
      <Size bytes={users.size} />
      {calls && (
        <>
          {" · "}
          <Count n={calls.used} /> {calls.ceiling > 0 && `of ${count(calls.ceiling)} `}Box calls
        </>
      )}
      {task.connection !== "Disconnected" && (
        <>
          {" · next run "}
          <Time at={nextRun(task)} relative />
        </>
      )}
    </>
  );
}

function Users({ of: { users } }: { of: Task }) {
  if (users.total === 0) return <None />;
  return (
    <span className={classes.wraps}>
      {count(users.active)} of {count(users.total)} active
    </span>
  );
}

function Last({ of: { users, progress } }: { of: Task }) {
  if (!progress)
    return (
      <span className={classes.wraps}>
        <Time at={users.lastBackup} />
      </span>
    );
  const doing = `Backing up ${many(progress.running, "Box user")}`;
  return (
    <Stack gap={2} className={classes.progress}>
      <Text size="sm">{doing}</Text>
      <WorkProgress work={backupWork(progress)} label={doing} detail={backupDetail(progress)} />
    </Stack>
  );
}

function Next({ of: task }: { of: Task }) {
  if (task.connection === "Disconnected") return <None label="None while Disconnected" />;
  return (
    <span className={classes.wraps}>
      <Time at={nextRun(task)} relative />
    </span>
  );
}
