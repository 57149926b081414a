import { Select, Text } from "@mantine/core";
import { Search } from "lucide-react";
import type { Schema } from "@/lib/api";
import { dateTime } from "@/lib/format";
import type { Paging } from "@/lib/search";
import { FilterChoice, Filters } from "@/ui/filters";
import { SearchField } from "@/ui/search-field";
import { Empty, Failure } from "@/ui/states";
import { FoundTable } from "./found-table";
import type { Kind } from "./items.api";
import { SelectionBar } from "./selection-bar";
import { useSnapshots } from "./snapshots.api";

type ItemsSearch = { q?: string; kind?: Kind; in?: string };

type Props = {
  task: Schema<"Task">;
  user: Schema<"BoxUser">;
  search: ItemsSearch & Paging;
  change: (to: ItemsSearch) => void;
};

const kinds = [
  { value: "file", label: "Files" },
  { value: "folder", label: "Folders" },
  { value: "web_link", label: "Web links" },
] as const;

/** ItemSearch looks for names in the latest snapshot, or in another one that is chosen. */
export function ItemSearch({ task, user, search, change }: Props) {
  const owner = { task: task.id, user: user.id };
  const snapshots = useSnapshots(owner, { limit: 200 });
  const snapshot = search.in ?? user.snapshot;
  const place = snapshot && { ...owner, snapshot };
  return (
    <>
      <Filters>
        <SearchField
          label="A word or phrase in the name"
          width={320}
          value={search.q}
          change={(q) => change({ q })}
        />
        <FilterChoice
          label="All types"
          all={kinds}
          value={search.kind}
          change={(kind) => change({ kind })}
          width={140}
        />
        <Text size="xs" c="dimmed" component="span">
          in the snapshot of
        </Text>
        <Select
          size="xs"
          w={240}
          aria-label="Snapshot that is searched"
          data={choices(snapshots.data?.items ?? [], snapshot, user.snapshot)}
          value={snapshot ?? null}
          onChange={(id) => change({ in: id === user.snapshot ? undefined : (id ?? undefined) })}
          comboboxProps={{ shadow: "md" }}
        />
      </Filters>
      {snapshots.error && !snapshots.data ? (
        <Failure error={snapshots.error} retry={snapshots.refetch} />
      ) : search.q && place ? (
        <FoundTable place={place} login={user.login} search={search} />
      ) : (
        <Empty icon={Search} title="What are you looking for?">
          Enter a part of the name. Every word has to be in the name, in any order; upper and lower case are
          the same.
        </Empty>
      )}
      <SelectionBar task={task} user={user} hint="Select at least one item to restore it." />
    </>
  );
}

/** choices are the snapshots to search in; the one of the address is there although the list may not reach it. */
function choices(snapshots: readonly Schema<"Snapshot">[], chosen: string | undefined, latest = "") {
  const data = snapshots.map(({ id, taken }) => ({
    value: id,
    label: `${dateTime(taken)}${id === latest ? " (latest)" : ""}`,
  }));
  for (const id of new Set([latest, chosen])) {
    if (id && !data.some((d) => d.value === id))
      data.push({ value: id, label: id === latest ? "Latest" : "An older one" });
  }
  return data;
}
