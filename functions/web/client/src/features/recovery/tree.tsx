import { Button, Group, Switch } from "@mantine/core";
import { CheckCheck } from "lucide-react";
import type { Paging, Sorting } from "@/lib/search";
import type { Place } from "@/lib/snapshots.api";
import { Filters } from "@/ui/filters";
import { SearchField } from "@/ui/search-field";
import { FolderTable } from "./folder-table";
import { FoundTable } from "./found-table";
import type { ItemKey } from "./items.api";
import { useSelection } from "./scope";
import { nothing, of, whole } from "./selection";

export type TreeSearch = Paging & Sorting<ItemKey> & { parent?: string; q?: string; sha1?: "shown" };

type Props = { place: Place; login: string; search: TreeSearch; change: (to: TreeSearch) => void };

/** Tree walks through a snapshot's folders, and looks for names in all of them. */
export function Tree({ place, login, search, change }: Props) {
  const { selection, select } = useSelection();
  const all = of(selection, place.snapshot).whole;
  return (
    <>
      <Group justify="space-between" gap="sm">
        <Filters>
          <SearchField
            label="Search this snapshot"
            width={280}
            value={search.q}
            change={(q) => change({ q })}
          />
          {!search.q && (
            <Switch
              size="xs"
              label="Show SHA-1"
              checked={search.sha1 === "shown"}
              onChange={(e) => change({ sha1: e.currentTarget.checked ? "shown" : undefined })}
            />
          )}
        </Filters>
        <Button
          size="xs"
          variant={all ? "light" : "default"}
          aria-pressed={all}
          leftSection={<CheckCheck size={14} aria-hidden />}
          onClick={() => select(all ? nothing : whole(place.snapshot))}
        >
          Select the whole snapshot
        </Button>
      </Group>
      {search.q ? (
        <FoundTable place={place} login={login} search={search} />
      ) : (
        <FolderTable place={place} login={login} search={search} change={change} />
      )}
    </>
  );
}
