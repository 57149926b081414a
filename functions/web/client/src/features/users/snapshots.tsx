import { Stack, Text, Title } from "@mantine/core";
import { History } from "lucide-react";
import type { Schema } from "@/lib/api";
import { brief, methodInWords } from "@/lib/backup";
import type { BoxUser } from "@/lib/box-users.api";
import { count, duration, many } from "@/lib/format";
import type { Paging } from "@/lib/search";
import { type Column, DataTable } from "@/ui/data-table";
import { TextLink } from "@/ui/link";
import { Pager } from "@/ui/pager";
import { Empty, Failure } from "@/ui/states";
import { Status } from "@/ui/status";
import { Count, Size, Time } from "@/ui/values";
import { useSnapshots } from "./list-snapshots.api";

type Snapshot = Schema<"Snapshot">;

type Props = Paging & { task: string; user: BoxUser };

/** Snapshots lists the last backups of a Box user. */
export function Snapshots({ task, user, cursor, page }: Props) {
  const { data, error, refetch, isPlaceholderData } = useSnapshots(task, user, cursor);
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        Last backups
      </Title>
      {error && !data ? (
        <Failure error={error} retry={refetch} />
      ) : (
        <DataTable
          label="Last backups"
          columns={columns(task, user.id)}
          rows={data?.items}
          rowKey={(s) => s.id}
          stale={isPlaceholderData}
          empty={
            <Empty icon={History} title="No backup yet">
              Each backup that ends well or partially is listed here.
            </Empty>
          }
        />
      )}
      {data && data.items.length > 0 && (
        <Pager
          cursor={cursor}
          page={page}
          next={data.next}
          total={data.total}
          shown={data.items.length}
          one="backup"
        />
      )}
    </Stack>
  );
}

function columns(task: string, user: string): readonly Column<Snapshot>[] {
  return [
    { key: "taken", header: "As of", cell: (s) => <Time at={s.taken} /> },
    { key: "status", header: "Status", cell: (s) => <Status of={s.status} /> },
    { key: "added", header: "New", align: "right", cell: (s) => <Count n={s.added} /> },
    { key: "changed", header: "Changed", align: "right", cell: (s) => <Count n={s.changed} /> },
    { key: "removed", header: "Removed", align: "right", cell: (s) => <Count n={s.removed} /> },
    {
      key: "failed",
      header: "Failed",
      align: "right",
      cell: (s) => <Failed task={task} user={user} of={s} />,
    },
    { key: "stored", header: "Stored", align: "right", cell: (s) => <Size bytes={s.stored} /> },
    { key: "calls", header: "Box calls", align: "right", cell: (s) => <Count n={s.calls} /> },
    { key: "method", header: "How changes were found", cell: (s) => <Method of={s} />, wide: true },
    {
      key: "duration",
      header: "Duration",
      align: "right",
      cell: (s) => <span className="number">{took(s)}</span>,
      wide: true,
    },
  ];
}

/** Method says how the changes were found, why not in the best way, and what came of it. */
function Method({ of: { method, why, same, drift } }: { of: Snapshot }) {
  const hints = [
    why && brief(why),
    same && "Nothing had changed.",
    drift > 0 && `${many(drift, "item")} differed from what Box's events had told.`,
  ].filter(Boolean);
  return (
    <Stack gap={0} maw={260} title={why}>
      <span>{methodInWords(method)}</span>
      {hints.map((hint) => (
        <Text key={String(hint)} size="xs" c="dimmed">
          {hint}
        </Text>
      ))}
    </Stack>
  );
}

function Failed({ task, user, of: { id, failed } }: { task: string; user: string; of: Snapshot }) {
  if (failed === 0) return <Count n={0} />;
  return (
    <TextLink
      to="/tasks/$task/users/$user"
      params={{ task, user }}
      search={(old: object) => ({ ...old, failures: id })}
      resetScroll={false}
      size="sm"
      underline="always"
      aria-label={`${count(failed)} failed, show them`}
    >
      <Count n={failed} />
    </TextLink>
  );
}

/** took is how long a backup took. */
function took({ started, ended }: Snapshot): string {
  return duration((Date.parse(ended) - Date.parse(started)) / 1000);
}
