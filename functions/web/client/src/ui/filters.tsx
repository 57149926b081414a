import { Button, Group, Select } from "@mantine/core";
import { FilterX } from "lucide-react";
import type { ReactNode } from "react";

/** Filters is the row above a list. Clear is there while any filter is set. */
export function Filters({ children, clear }: { children: ReactNode; clear?: () => void }) {
  return (
    <Group gap="xs" role="search" aria-label="Filters">
      {children}
      {clear && (
        <Button size="xs" variant="subtle" leftSection={<FilterX size={14} aria-hidden />} onClick={clear}>
          Clear filters
        </Button>
      )}
    </Group>
  );
}

type Choice<T extends string> = { value: T; label: string };

type ChoiceProps<T extends string> = {
  label: string;
  all: readonly Choice<T>[];
  value: T | undefined;
  change: (value: T | undefined) => void;
  width?: number;
  /** The values can be searched by typing. */
  search?: boolean;
};

/** FilterChoice filters by one of some values; empty means all. */
export function FilterChoice<T extends string>(props: ChoiceProps<T>) {
  const { label, all, value, change, width = 180, search } = props;
  return (
    <Select
      size="xs"
      w={width}
      aria-label={label}
      placeholder={label}
      data={all.map((c) => ({ ...c }))}
      value={value ?? null}
      onChange={(v) => change(all.find((c) => c.value === v)?.value)}
      clearable
      searchable={search}
      nothingFoundMessage={search ? "None matches" : undefined}
      comboboxProps={{ shadow: "md" }}
      clearButtonProps={{ "aria-label": `Clear ${label}` }}
    />
  );
}
