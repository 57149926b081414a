import { Button, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useEffect, useRef } from "react";
import type { Schema } from "@/lib/api";
import type { BoxUser } from "@/lib/box-users.api";
import { failuresFile, folderOf, useFailures } from "@/lib/failures.api";
import { count, dateTime, many } from "@/lib/format";
import { snapshotQuery } from "@/lib/snapshots.api";
import { type Column, DataTable } from "@/ui/data-table";
import { Section } from "@/ui/section";
import { Failure } from "@/ui/states";
import { None, Time } from "@/ui/values";
import classes from "./failures.module.css";

type Props = { task: string; user: BoxUser; snapshot: string; close: () => void };

/** Failures lists what could not be backed up in one backup: where it is, why, since when, and when it is tried again. */
export function Failures({ task, user, snapshot, close }: Props) {
  const path = { task, user: user.id, snapshot };
  const { data } = useQuery(snapshotQuery(path));
  const list = useFailures(path);
  const place = useRef<HTMLDivElement>(null);
  const settled = Boolean(list.failures ?? list.error);
  useEffect(() => {
    if (!settled) return; // the page becomes longer
    place.current?.scrollIntoView({ block: "start" });
    place.current?.focus({ preventScroll: true });
  }, [settled]);
  return (
    <div ref={place} tabIndex={-1} className={classes.failures}>
      <Section
        title={
          data
            ? `${many(data.failed, "item")} not backed up on ${dateTime(data.taken)}`
            : "Items not backed up"
        }
        lead="They are tried again in the next backup. Everything else of this backup is there."
        actions={
          <Group gap="xs">
            <Button
              size="xs"
              variant="default"
              component="a"
              href={failuresFile(path)}
              download
              leftSection={<Download size={14} aria-hidden />}
            >
              Export CSV
            </Button>
            <Button size="xs" variant="default" onClick={close}>
              Close
            </Button>
          </Group>
        }
      >
        {list.error && !list.failures ? (
          <Failure error={list.error} retry={list.refetch} />
        ) : (
          <DataTable
            label="Items not backed up"
            columns={columns}
            rows={list.failures}
            rowKey={(f) => `${f.kind} ${f.id}`}
          />
        )}
        {list.hasNextPage && (
          <Button
            size="xs"
            variant="default"
            onClick={() => list.fetchNextPage()}
            loading={list.isFetchingNextPage}
            mr="auto"
          >
            Show {count(list.more)} more
          </Button>
        )}
      </Section>
    </div>
  );
}

const kinds = { folder: "Folder", file: "File", web_link: "Web link" };

const columns: readonly Column<Schema<"Failure">>[] = [
  { key: "name", header: "Name", cell: (f) => <Name of={f} /> },
  { key: "kind", header: "Kind", cell: (f) => <span className="nowrap">{kinds[f.kind]}</span>, wide: true },
  { key: "reason", header: "Reason", cell: (f) => f.reason },
  { key: "since", header: "Failing since", cell: (f) => <Time at={f.since} /> },
  { key: "next", header: "Next try", cell: (f) => <NextTry at={f.nextTry} /> },
];

function Name({ of: f }: { of: Schema<"Failure"> }) {
  return (
    <div className={classes.name}>
      {f.name ?? `Box ID ${f.id}`}
      <Text size="xs" c="dimmed">
        {folderOf(f)}
      </Text>
    </div>
  );
}

function NextTry({ at }: { at?: string }) {
  if (!at) return <None label="None planned" />;
  return new Date(at) > new Date() ? <Time at={at} /> : "Now";
}
