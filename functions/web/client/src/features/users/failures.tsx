import { Button, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { Schema } from "@/lib/api";
import type { BoxUser } from "@/lib/box-users.api";
import { count, dateTime, many } from "@/lib/format";
import { snapshotQuery } from "@/lib/snapshots.api";
import { type Column, DataTable } from "@/ui/data-table";
import { Section } from "@/ui/section";
import { Failure } from "@/ui/states";
import classes from "./failures.module.css";

const step = 50;

type Props = { task: string; user: BoxUser; snapshot: string; close: () => void };

/** Failures lists what could not be backed up in one backup, and why. */
export function Failures({ task, user, snapshot, close }: Props) {
  const { data, error, refetch } = useQuery(snapshotQuery({ task, user: user.id, snapshot }));
  const [shown, setShown] = useState(step);
  const place = useRef<HTMLDivElement>(null);
  const settled = Boolean(data ?? error);
  useEffect(() => {
    if (!settled) return; // the page becomes longer
    place.current?.scrollIntoView({ block: "start" });
    place.current?.focus({ preventScroll: true });
  }, [settled]);
  const left = (data?.failures.length ?? 0) - shown;
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
          <Button size="xs" variant="default" onClick={close}>
            Close
          </Button>
        }
      >
        {error && !data ? (
          <Failure error={error} retry={refetch} />
        ) : (
          <DataTable
            label="Items not backed up"
            columns={columns}
            rows={data?.failures.slice(0, shown)}
            rowKey={(f) => `${f.kind} ${f.id}`}
          />
        )}
        {left > 0 && (
          <Button size="xs" variant="default" onClick={() => setShown(shown + step)} mr="auto">
            Show {count(Math.min(step, left))} more
          </Button>
        )}
        {data && data.failed > data.failures.length && (
          <Text size="sm" c="dimmed">
            The first {count(data.failures.length)} of {count(data.failed)} are listed.
          </Text>
        )}
      </Section>
    </div>
  );
}

const kinds = { folder: "Folder", file: "File", web_link: "Web link" };

const columns: readonly Column<Schema<"Failure">>[] = [
  { key: "name", header: "Name", cell: (f) => f.name ?? `Box ID ${f.id}` },
  { key: "kind", header: "Kind", cell: (f) => kinds[f.kind] },
  { key: "reason", header: "Reason", cell: (f) => f.reason },
];
