import { Button, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { ChartColumn, Table } from "lucide-react";
import { useState } from "react";
import type { BoxUser } from "@/lib/box-users.api";
import { Section } from "@/ui/section";
import { Failure, Loading } from "@/ui/states";
import { backedUp, dayAt, rangeOf } from "./history";
import { useHistory } from "./history.api";
import { HistoryChart } from "./history-chart";
import { HistoryRange } from "./history-range";
import { HistoryTable } from "./history-table";
import { HistoryTiles } from "./history-tiles";

type Days = { from?: string; to?: string };

type Props = Days & { task: string; user: BoxUser; change: (days: Days) => void };

/** HistorySection shows what the backups of a Box user did day by day, and what is backed up. */
export function HistorySection({ task, user, from, to, change }: Props) {
  const [now] = useState(() => new Date());
  const range = rangeOf(from, to, now);
  const [tabular, { toggle }] = useDisclosure(false);
  const { data, error, refetch, isPlaceholderData } = useHistory(
    task,
    user,
    dayAt(range[0], now),
    dayAt(range[1], now),
  );
  const Icon = tabular ? ChartColumn : Table;
  return (
    <Section
      title="Backup history"
      lead="Items that were new or changed, day by day in UTC. An item that changes every day counts every day."
      actions={
        <Button size="xs" variant="default" leftSection={<Icon size={14} aria-hidden />} onClick={toggle}>
          {tabular ? "Show as a chart" : "Show as a table"}
        </Button>
      }
    >
      {error && !data && <Failure error={error} retry={refetch} />}
      {!error && !data && <Loading label="Loading the backup history" />}
      {data &&
        (tabular ? (
          <HistoryTable days={data.days} stale={isPlaceholderData} />
        ) : (
          <HistoryChart days={data.days} stale={isPlaceholderData} />
        ))}
      {data?.days.every((day) => backedUp(day) === 0) && (
        <Text size="sm" c="dimmed" role="status">
          No item was new or changed in these days.
        </Text>
      )}
      <HistoryRange
        range={range}
        change={([first, last]) => change({ from: dayAt(first, now), to: dayAt(last, now) })}
        now={now}
      />
      {data && <HistoryTiles tiles={data.tiles} />}
    </Section>
  );
}
