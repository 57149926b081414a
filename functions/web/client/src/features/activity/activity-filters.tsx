import { Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { taskNames } from "@/lib/tasks.api";
import { FilterDay } from "@/ui/filter-day";
import { FilterChoice, Filters } from "@/ui/filters";
import { SearchField } from "@/ui/search-field";
import { type ActivityFilter, kinds, statuses } from "./activity-search";

type Props = {
  filter: ActivityFilter;
  change: (to: ActivityFilter) => void;
  /** Absent while nothing is filtered. */
  clear?: () => void;
};

const same = <T extends string>(value: T) => ({ value, label: value });

/** ActivityFilters narrows the activity list down. */
export function ActivityFilters({ filter, change, clear }: Props) {
  const { data: tasks = [] } = useQuery(taskNames);
  return (
    <Filters clear={clear}>
      <SearchField label="Search activity" value={filter.q} change={(q) => change({ q })} width={200} />
      <FilterChoice
        label="Activity"
        all={kinds.map(same)}
        value={filter.kind}
        change={(kind) => change({ kind })}
        width={120}
      />
      <FilterChoice
        label="Status"
        all={statuses.map(same)}
        value={filter.status}
        change={(status) => change({ status })}
        width={150}
      />
      <FilterChoice
        label="Backup task"
        all={tasks}
        value={filter.task}
        change={(task) => change({ task })}
        width={150}
      />
      <Group gap="xs">
        <FilterDay label="From" value={filter.from} max={filter.to} change={(from) => change({ from })} />
        <FilterDay label="To" value={filter.to} min={filter.from} change={(to) => change({ to })} />
      </Group>
    </Filters>
  );
}
