import { Text } from "@mantine/core";
import { createLazyRoute } from "@tanstack/react-router";
import { ArrowRight, DatabaseBackup } from "lucide-react";
import type { Schema } from "@/lib/api";
import { DataTable } from "@/ui/data-table";
import { Filters } from "@/ui/filters";
import { IconLink, TextLink } from "@/ui/link";
import { Page } from "@/ui/page";
import { Pager } from "@/ui/pager";
import { SearchField } from "@/ui/search-field";
import { Empty, Failure } from "@/ui/states";
import { Status } from "@/ui/status";
import { Count, Size, Time } from "@/ui/values";
import { type TasksSearch, useTasks } from "./tasks.api";

type Task = Schema<"Task">;

function Tasks() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch, isPlaceholderData } = useTasks(search);
  const change = (to: TasksSearch) =>
    navigate({
      to: ".",
      search: (old) => ({ ...old, cursor: undefined, page: undefined, ...to }),
      replace: true,
    });
  const rows = data?.items.filter((t) => t.users.lastBackup);
  return (
    <Page
      title="Restore & Download"
      description="Choose the backup task that has what you want to bring back."
    >
      <Filters>
        <SearchField label="Search backup tasks" value={search.q} change={(q) => change({ q })} />
      </Filters>
      {error && !data ? (
        <Failure error={error} retry={refetch} />
      ) : (
        <>
          <DataTable
            label="Backup tasks"
            columns={columns}
            rows={rows}
            rowKey={(t) => t.id}
            sorting={{ sort: search.sort ?? "name", order: search.order, change }}
            stale={isPlaceholderData}
            empty={<None searched={search.q !== undefined} />}
          />
          {data && rows && <Pager {...search} next={data.next} shown={rows.length} one="backup task" />}
        </>
      )}
    </Page>
  );
}

function None({ searched }: { searched: boolean }) {
  if (searched)
    return (
      <Empty icon={DatabaseBackup} title="No backup task matches">
        Search for a part of the task's name.
      </Empty>
    );
  return (
    <Empty
      icon={DatabaseBackup}
      title="There is nothing to restore yet"
      action={<TextLink to="/">Go to your backup tasks</TextLink>}
    >
      A backup task is listed here as soon as the first backup of one of its Box users is done.
    </Empty>
  );
}

const columns = [
  {
    key: "name",
    header: "Backup task",
    sort: "name" as const,
    cell: (t: Task) => (
      <>
        <TextLink to="/recovery/$task" params={{ task: t.id }} fw={600} inherit>
          {t.name}
        </TextLink>
        <Text size="xs" c="dimmed">
          {t.enterprise?.name}
        </Text>
      </>
    ),
  },
  { key: "connection", header: "Connection", wide: true, cell: (t: Task) => <Status of={t.connection} /> },
  {
    key: "users",
    header: "Box users",
    sort: "users" as const,
    align: "right" as const,
    wide: true,
    cell: (t: Task) => <Count n={t.users.total} />,
  },
  {
    key: "items",
    header: "Items",
    align: "right" as const,
    wide: true,
    cell: (t: Task) => <Count n={t.users.items} />,
  },
  {
    key: "size",
    header: "Size",
    sort: "size" as const,
    align: "right" as const,
    cell: (t: Task) => <Size bytes={t.users.size} />,
  },
  {
    key: "lastBackup",
    header: "Last backup",
    sort: "lastBackup" as const,
    wide: true,
    cell: (t: Task) => <Time at={t.users.lastBackup} />,
  },
  {
    key: "action",
    header: "Action",
    cell: (t: Task) => (
      <IconLink
        to="/recovery/$task"
        params={{ task: t.id }}
        variant="subtle"
        aria-label={`Choose a Box user of ${t.name}`}
      >
        <ArrowRight size={17} aria-hidden />
      </IconLink>
    ),
  },
];

export const route = createLazyRoute("/portal/recovery")({ component: Tasks });
