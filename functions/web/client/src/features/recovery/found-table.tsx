import { SearchX } from "lucide-react";
import { useState } from "react";
import type { Schema } from "@/lib/api";
import type { Place } from "@/lib/snapshots.api";
import { DataTable } from "@/ui/data-table";
import { Pager } from "@/ui/pager";
import { Empty, Failure } from "@/ui/states";
import { Details } from "./details";
import { foundColumns } from "./item-columns";
import { type Kind, useFound } from "./items.api";
import { useSelection } from "./scope";
import { change, key, of, picked, standing } from "./selection";
import { useWays } from "./ways.api";

type Item = Schema<"Item">;
type Props = {
  place: Place;
  login: string;
  search: { q?: string; kind?: Kind; cursor?: string; page?: number };
};

/** FoundTable lists what a snapshot has by the names that are searched for, wherever it is. */
export function FoundTable({ place, login, search }: Props) {
  const { data, error, refetch, isPlaceholderData } = useFound(place, search);
  const ways = useWays(place, data?.items);
  const { selection, select } = useSelection();
  const [shown, show] = useState<Item>();
  const here = of(selection, place.snapshot);
  const pick = (item: Item) => picked(item, ways.data?.get(item.parent ?? "0") ?? []);
  if (error && !data) return <Failure error={error} retry={refetch} />;
  return (
    <>
      <DataTable
        label="Items found"
        columns={foundColumns(place, login, show, ways.data, ways.isPending)}
        rows={data?.items}
        rowKey={key}
        selection={{
          selected: new Set(here.items.keys()),
          change: (keys) => select(change(selection, place.snapshot, data?.items.map(pick) ?? [], keys)),
          label: (item) => item.name,
          state: (item) => (isBarred(item) ? "barred" : standing(here, pick(item))),
        }}
        stale={isPlaceholderData}
        empty={
          <Empty icon={SearchX} title="Nothing has such a name">
            Every word has to be in the name, in any order; parts of words will do. Other snapshots may have
            it.
          </Empty>
        }
      />
      {data && <Pager {...search} next={data.next} total={data.total} shown={data.items.length} one="item" />}
      <Details place={place} item={shown} close={() => show(undefined)} />
    </>
  );
}

/** isBarred reports whether a snapshot has nothing of the item that could be restored. */
export function isBarred({ state }: Item): boolean {
  return state === "absent" || state === "reference";
}
