import { Radio, Text } from "@mantine/core";
import { Search } from "lucide-react";
import type { Schema } from "@/lib/api";
import { dateTime, many } from "@/lib/format";
import type { Owner } from "@/lib/snapshots.api";
import type { Column } from "@/ui/data-table";
import { IconLink } from "@/ui/link";
import { Status } from "@/ui/status";
import { Count, Size, Time } from "@/ui/values";

type Snapshot = Schema<"Snapshot">;

/** snapshotColumns are the columns of a list of snapshots, of which one may be chosen as a whole. */
export function snapshotColumns(
  { task, user }: Owner,
  chosen: string | undefined,
  choose: (id: string) => void,
): readonly Column<Snapshot>[] {
  const number = (key: string, header: string, of: (s: Snapshot) => number): Column<Snapshot> => ({
    key,
    header,
    align: "right",
    wide: true,
    cell: (s) => <Count n={of(s)} />,
  });
  return [
    {
      key: "select",
      header: "Select",
      cell: (s) => (
        <Radio
          size="xs"
          name="snapshot"
          aria-label={`Select the snapshot of ${dateTime(s.taken)}`}
          checked={chosen === s.id}
          onChange={() => choose(s.id)}
        />
      ),
    },
    {
      key: "taken",
      header: "Taken",
      cell: (s) => (
        <>
          <Time at={s.taken} />
          <Text size="xs" c="dimmed" hiddenFrom="sm">
            {s.status === "Partial" ? `Partial, ${many(s.failed, "item")} failed` : s.status}
          </Text>
        </>
      ),
    },
    { key: "status", header: "Status", wide: true, cell: (s) => <Status of={s.status} /> },
    number("items", "Items", (s) => s.items),
    { key: "size", header: "Size", align: "right", wide: true, cell: (s) => <Size bytes={s.size} /> },
    number("added", "New", (s) => s.added),
    number("changed", "Changed", (s) => s.changed),
    number("removed", "Removed", (s) => s.removed),
    number("failed", "Failed", (s) => s.failed),
    {
      key: "action",
      header: "Action",
      cell: (s) => (
        <IconLink
          to="/recovery/$task/$user/$snapshot"
          params={{ task, user, snapshot: s.id }}
          variant="subtle"
          aria-label={`Open the snapshot of ${dateTime(s.taken)}`}
        >
          <Search size={16} aria-hidden />
        </IconLink>
      ),
    },
  ];
}
