import { Checkbox, ScrollArea, Skeleton, Table } from "@mantine/core";
import type { ReactNode } from "react";
import type { Sorting } from "@/lib/search";
import classes from "./data-table.module.css";
import { SortHeader } from "./sort-header";

/** Column is one of a table. Sort is the key that the server sorts by; a column without it cannot be sorted. */
export type Column<Row, Key extends string = string> = {
  key: string;
  header: string;
  cell: (row: Row) => ReactNode;
  sort?: Key;
  align?: "left" | "right";
  /** Hidden on narrow screens: what is not needed to recognise a row or act on it. "very": on middling ones, too. */
  wide?: boolean | "very";
  /** Stays in view where the table is wider than its place: what acts on a row. */
  pinned?: boolean;
};

/** Selection is which rows are ticked. Label names a row to screen readers. */
export type Selection<Row> = {
  selected: ReadonlySet<string>;
  change: (selected: ReadonlySet<string>) => void;
  label: (row: Row) => string;
  /** How a row stands that is not simply ticked or not: ticked with another, ticked in part, not to be ticked. */
  state?: (row: Row) => "included" | "partly" | "barred" | undefined;
};

type Props<Row, Key extends string> = {
  label: string;
  columns: readonly Column<Row, Key>[];
  rows: readonly Row[] | undefined;
  rowKey: (row: Row) => string;
  /** The first column is the row's heading. */
  selection?: Selection<Row>;
  sorting?: Sorting<Key> & { change: (to: Sorting<Key>) => void };
  /** Shown instead of rows when there are none. */
  empty?: ReactNode;
  /** The rows are those of the question before. */
  stale?: boolean;
  /** Headers and times may break where there is little room. */
  tight?: boolean;
};

/** DataTable shows a page of a list that the server filters and sorts. Without rows it is loading. */
export function DataTable<Row, Key extends string = string>(props: Props<Row, Key>) {
  const { label, columns, rows, rowKey, selection, sorting, empty, stale, tight } = props;
  if (rows?.length === 0 && empty) return <div className={classes.frame}>{empty}</div>;
  const isFixed = (row: Row) => ["included", "barred"].includes(selection?.state?.(row) ?? "");
  const keys = rows?.filter((row) => !isFixed(row)).map(rowKey) ?? [];
  const ticked = keys.filter((k) => selection?.selected.has(k)).length;
  const included = rows?.some((row) => selection?.state?.(row) === "included") ?? false;
  const tick = (some: readonly string[], on: boolean) => {
    const selected = new Set(selection?.selected);
    for (const k of some) on ? selected.add(k) : selected.delete(k);
    selection?.change(selected);
  };
  const look = (c: Column<Row, Key>) => ({
    "data-align": c.align,
    "data-wide": c.wide || undefined,
    "data-pinned": c.pinned || undefined,
  });
  return (
    <ScrollArea
      className={classes.frame}
      type="auto"
      offsetScrollbars="present"
      viewportProps={{ tabIndex: 0, role: "region", "aria-label": `${label}, table` }}
    >
      <Table
        verticalSpacing={6}
        horizontalSpacing={8}
        highlightOnHover
        aria-label={label}
        aria-busy={!rows || stale}
        className={classes.table}
        data-tight={tight || undefined}
      >
        <Table.Thead>
          <Table.Tr>
            {selection && (
              <Table.Th w={36}>
                <Checkbox
                  size="xs"
                  aria-label="Select all on this page"
                  disabled={keys.length === 0}
                  checked={(keys.length > 0 || included) && ticked === keys.length}
                  indeterminate={ticked > 0 && ticked < keys.length}
                  onChange={(e) => tick(keys, e.currentTarget.checked)}
                />
              </Table.Th>
            )}
            {columns.map((c) => (
              <SortHeader key={c.key} header={c.header} by={c.sort} sorting={sorting} look={look(c)} />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody data-stale={stale || undefined}>
          {rows?.map((row) => {
            const key = rowKey(row);
            const state = selection?.state?.(row);
            const selected = state === "included" || (selection?.selected.has(key) ?? false);
            return (
              <Table.Tr key={key} data-selected={selected || undefined}>
                {selection && (
                  <Table.Td>
                    <Checkbox
                      size="xs"
                      aria-label={`Select ${selection.label(row)}`}
                      checked={selected}
                      indeterminate={!selected && state === "partly"}
                      disabled={isFixed(row)}
                      onChange={(e) => tick([key], e.currentTarget.checked)}
                    />
                  </Table.Td>
                )}
                {columns.map((c) => (
                  <Table.Td key={c.key} {...look(c)}>
                    {c.cell(row)}
                  </Table.Td>
                ))}
              </Table.Tr>
            );
          }) ??
            [85, 72, 59, 81, 68].map((width) => (
              <Table.Tr key={width}>
                <Table.Td colSpan={columns.length + (selection ? 1 : 0)}>
                  <Skeleton height={16} width={`${width}%`} />
                </Table.Td>
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}
