import { CalendarX, History } from "lucide-react";
import type { Schema } from "@/lib/api";
import type { Paging } from "@/lib/search";
import { DataTable } from "@/ui/data-table";
import { Pager } from "@/ui/pager";
import { Empty, Failure } from "@/ui/states";
import { DateRange, type Range } from "./date-range";
import { useSelection } from "./scope";
import { whole } from "./selection";
import { SelectionBar } from "./selection-bar";
import { snapshotColumns } from "./snapshot-columns";
import { useSnapshots } from "./snapshots.api";

type Props = {
  task: Schema<"Task">;
  user: Schema<"BoxUser">;
  search: Range & Paging;
  change: (to: Range) => void;
};

/** SnapshotList offers the snapshots of some days; one can be selected as a whole, or opened. */
export function SnapshotList({ task, user, search, change }: Props) {
  const owner = { task: task.id, user: user.id };
  const backwards = Boolean(search.from && search.to && search.from > search.to);
  const list = useSnapshots(owner, search);
  const { selection, select } = useSelection();
  const chosen = selection.whole ? selection.snapshot : undefined;
  const columns = snapshotColumns(owner, chosen, (id) => select(whole(id)));
  const { data, error } = list;
  return (
    <>
      <DateRange {...search} change={change} wrong={backwards} />
      {error && !data ? (
        <Failure error={error} retry={list.refetch} />
      ) : (
        <>
          <DataTable
            label="Snapshots"
            columns={columns}
            rows={backwards ? [] : data?.items}
            rowKey={(s) => s.id}
            stale={list.isPlaceholderData}
            empty={<None limited={Boolean(search.from || search.to)} />}
          />
          {data && !backwards && (
            <Pager {...search} next={data.next} total={data.total} shown={data.items.length} one="snapshot" />
          )}
        </>
      )}
      <SelectionBar task={task} user={user} hint="Select a snapshot to restore all of it." />
    </>
  );
}

function None({ limited }: { limited: boolean }) {
  if (limited)
    return (
      <Empty icon={CalendarX} title="No snapshot in these days">
        Choose other days, or all of them.
      </Empty>
    );
  return (
    <Empty icon={History} title="No snapshot yet">
      The first snapshot appears when the first backup of this Box user is done.
    </Empty>
  );
}
