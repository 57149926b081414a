import { type Column, DataTable } from "@/ui/data-table";
import { Status } from "@/ui/status";
import { Count, None } from "@/ui/values";
import { dayInWords } from "./history";
import type { Day } from "./history.api";

/** HistoryTable says day by day what the chart shows, newest first. */
export function HistoryTable({ days, stale }: { days: readonly Day[]; stale: boolean }) {
  return (
    <DataTable
      label="Backups by day"
      columns={columns}
      rows={[...days].reverse()}
      rowKey={(d) => d.date}
      stale={stale}
    />
  );
}

const number = (key: "runs" | "added" | "changed" | "removed" | "failed" | "items", header: string) => ({
  key,
  header,
  align: "right" as const,
  cell: (d: Day) => <Count n={d[key]} />,
});

const columns: readonly Column<Day>[] = [
  { key: "date", header: "Day (UTC)", cell: (d) => dayInWords(d.date, { year: true }) },
  { key: "status", header: "Last outcome", cell: (d) => (d.status ? <Status of={d.status} /> : <None />) },
  number("runs", "Backups"),
  number("added", "New"),
  number("changed", "Changed"),
  number("removed", "Removed"),
  number("failed", "Failed"),
  number("items", "Items in all"),
];
