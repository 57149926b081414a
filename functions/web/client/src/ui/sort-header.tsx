import { Table, UnstyledButton } from "@mantine/core";
import { ArrowDown, ArrowUp, ChevronsUpDown } from "lucide-react";
import type { Sorting } from "@/lib/search";
import classes from "./data-table.module.css";

type Props<Key extends string> = {
  header: string;
  by?: Key;
  sorting?: Sorting<Key> & { change: (to: Sorting<Key>) => void };
  look: object;
};

/** SortHeader heads a column; where the list can be sorted by it, it is a button that does. */
export function SortHeader<Key extends string>({ header, by, sorting, look }: Props<Key>) {
  if (!by || !sorting) return <Table.Th {...look}>{header}</Table.Th>;
  const order = sorting.sort === by ? (sorting.order ?? "asc") : undefined;
  const Icon = order === "asc" ? ArrowUp : order === "desc" ? ArrowDown : ChevronsUpDown;
  return (
    <Table.Th
      {...look}
      aria-sort={order === "asc" ? "ascending" : order === "desc" ? "descending" : undefined}
    >
      <UnstyledButton
        className={classes.sort}
        onClick={() => sorting.change({ sort: by, order: order === "asc" ? "desc" : "asc" })}
      >
        {header}
        <Icon size={13} aria-hidden opacity={order ? 1 : 0.45} />
      </UnstyledButton>
    </Table.Th>
  );
}
