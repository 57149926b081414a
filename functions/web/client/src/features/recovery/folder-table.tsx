import { FolderOpen } from "lucide-react";
import { useState } from "react";
import type { Schema } from "@/lib/api";
import type { Place } from "@/lib/snapshots.api";
import { DataTable } from "@/ui/data-table";
import { Pager } from "@/ui/pager";
import { Empty, Failure } from "@/ui/states";
import { Details } from "./details";
import { FolderCrumbs } from "./folder-crumbs";
import { isBarred } from "./found-table";
import { Included } from "./included";
import { folderColumns } from "./item-columns";
import { useFolder } from "./items.api";
import { useSelection } from "./scope";
import { change as changed, key, of, picked, standing } from "./selection";
import type { TreeSearch } from "./tree";
import { asFolders } from "./ways.api";

type Item = Schema<"Item">;
type Props = { place: Place; login: string; search: TreeSearch; change: (to: TreeSearch) => void };

/** FolderTable lists what is in the folder that the address names, under the way to it. */
export function FolderTable({ place, login, search, change }: Props) {
  const { data, error, refetch, isPlaceholderData } = useFolder(place, search);
  const { selection, select } = useSelection();
  const [shown, show] = useState<Item>();
  const here = of(selection, place.snapshot);
  const within = asFolders(data?.path ?? []);
  const pick = (item: Item) => picked(item, within);
  const { sort = "name", order, sha1 } = search;
  const open = ({ id }: Item) => ({ parent: id, sort: search.sort, order, sha1 });
  return (
    <>
      <FolderCrumbs place={place} path={within} search={{ sort: search.sort, order, sha1 }} />
      {error && !data ? (
        <Failure error={error} retry={refetch} />
      ) : (
        <>
          <Included selection={here} within={within} select={select} />
          <DataTable
            label="Items in this folder"
            columns={folderColumns(place, login, { open, show }, sha1 === "shown")}
            rows={data?.items}
            rowKey={key}
            selection={{
              selected: new Set(here.items.keys()),
              change: (keys) => select(changed(selection, place.snapshot, data?.items.map(pick) ?? [], keys)),
              label: (item) => item.name,
              state: (item) => (isBarred(item) ? "barred" : standing(here, pick(item))),
            }}
            sorting={{ sort, order, change }}
            stale={isPlaceholderData}
            empty={
              <Empty icon={FolderOpen} title="This folder is empty">
                It was empty when the snapshot was taken, and is restored so.
              </Empty>
            }
          />
          {data && (
            <Pager {...search} next={data.next} total={data.total} shown={data.items.length} one="item" />
          )}
        </>
      )}
      <Details place={place} item={shown} close={() => show(undefined)} />
    </>
  );
}
