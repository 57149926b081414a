import { ActionIcon, Skeleton } from "@mantine/core";
import { Info } from "lucide-react";
import type { Schema } from "@/lib/api";
import type { Place } from "@/lib/snapshots.api";
import type { Column } from "@/ui/data-table";
import { TextLink } from "@/ui/link";
import { None, Size, Time } from "@/ui/values";
import { ItemName, kindWord } from "./item-name";
import type { ItemKey } from "./items.api";
import classes from "./recovery.module.css";
import type { TreeSearch } from "./tree";
import type { Ways } from "./ways.api";

type Item = Schema<"Item">;
type Columns = readonly Column<Item, ItemKey>[];

const size: Column<Item, ItemKey> = {
  key: "size",
  header: "Size",
  sort: "size",
  align: "right",
  wide: true,
  cell: (i) => (i.kind === "file" && i.state !== "absent" ? <Size bytes={i.size ?? 0} /> : <None />),
};

const modified: Column<Item, ItemKey> = {
  key: "modified",
  header: "Modified",
  sort: "modified",
  wide: true,
  cell: (i) => (i.modified ? <Time at={i.modified} /> : <None label="Unknown" />),
};

/** Opening is where in the address a folder is opened, and what shows the details of an item. */
type Opening = { open: (folder: Item) => TreeSearch; show: (item: Item) => void };

function named(place: Place, login: string, { open, show }: Opening): Column<Item, ItemKey> {
  return {
    key: "name",
    header: "Name",
    sort: "name",
    cell: (i) => <ItemName item={i} login={login} place={place} open={open(i)} show={() => show(i)} />,
  };
}

function details({ show }: Opening): Column<Item, ItemKey> {
  return {
    key: "details",
    header: "Details",
    align: "right",
    cell: (i) => (
      <ActionIcon variant="subtle" size={26} aria-label={`Details of ${i.name}`} onClick={() => show(i)}>
        <Info size={16} aria-hidden />
      </ActionIcon>
    ),
  };
}

/** folderColumns are the columns of what is in a folder. */
export function folderColumns(place: Place, login: string, opening: Opening, sha1: boolean): Columns {
  const columns = [named(place, login, opening), size, modified];
  if (!sha1) return [...columns, details(opening)];
  return [
    ...columns,
    {
      key: "sha1",
      header: "SHA-1",
      cell: (i) => (i.sha1 ? <code className={classes.hash}>{i.sha1}</code> : <None />),
    },
    details(opening),
  ];
}

/** foundColumns are the columns of search results, which have an order of their own and tell where they are. */
export function foundColumns(
  place: Place,
  login: string,
  show: Opening["show"],
  ways: Ways | undefined,
  looking: boolean,
): Columns {
  const opening = { open: ({ id }: Item) => ({ parent: id }), show };
  const columns: Columns = [
    { key: "type", header: "Type", wide: true, cell: (i) => kindWord(i.kind) },
    named(place, login, opening),
    {
      key: "folder",
      header: "Folder",
      cell: (i) => {
        const way = ways?.get(i.parent ?? "0");
        if (!way && looking) return <Skeleton height={12} width={90} />;
        return (
          <TextLink
            to="/recovery/$task/$user/$snapshot"
            params={place}
            search={i.parent === "0" ? {} : { parent: i.parent }}
            inherit
            className={classes.breaking}
          >
            {way ? way.map((f) => f.name).join(" / ") || "All Files" : "Open its folder"}
          </TextLink>
        );
      },
    },
    modified,
    size,
    details(opening),
  ];
  return columns.map((c) => ({ ...c, sort: undefined }));
}
