import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { taskNames } from "@/lib/tasks.api";
import { FilterChoice, Filters } from "@/ui/filters";
import { SearchField } from "@/ui/search-field";
import { BoxUserChoice } from "./box-user-choice";
import { type JobsFilter, type JobsSearch, readStatuses, statuses } from "./jobs-search";

type Props = {
  search: JobsSearch;
  initiators: readonly string[];
  change: (to: Partial<JobsSearch>) => void;
  /** Absent while nothing is filtered. */
  clear?: () => void;
};

const same = (value: string) => ({ value, label: value });

/** JobsFilters narrows the list of jobs down and orders it. */
export function JobsFilters({ search, initiators, change, clear }: Props) {
  const { data: tasks = [] } = useQuery(taskNames);
  const shown = readStatuses(search.status);
  const set =
    <Key extends keyof JobsFilter>(key: Key) =>
    (value: JobsFilter[Key]) =>
      change({ [key]: value });
  return (
    <Filters clear={clear}>
      <SearchField label="Search label or Box user" value={search.q} change={set("q")} width={210} />
      <FilterChoice
        label="Initiator"
        all={[...new Set([...initiators, search.initiator ?? ""])].filter(Boolean).map(same)}
        value={search.initiator}
        change={set("initiator")}
        width={200}
      />
      <FilterChoice
        label="Activity"
        all={[{ value: "restore", label: "Restores" }]}
        value={search.kind}
        change={set("kind")}
        width={120}
      />
      <FilterChoice
        label="Service"
        all={[{ value: "box", label: "Box" }]}
        value={search.service}
        change={set("service")}
        width={110}
      />
      <FilterChoice
        label="Status"
        all={statuses.map(same)}
        value={shown.length === 1 ? shown[0] : undefined}
        change={set("status")}
        width={170}
      />
      <FilterChoice
        label="Backup task"
        all={tasks}
        value={search.task}
        change={(task) => change({ task, user: undefined })}
        width={170}
      />
      {search.task && <BoxUserChoice task={search.task} value={search.user} change={set("user")} />}
      <SegmentedControl
        size="xs"
        aria-label="Order"
        data={[
          { value: "desc", label: "Latest first" },
          { value: "asc", label: "Oldest first" },
        ]}
        value={search.order ?? "desc"}
        onChange={(order) => change({ order: order === "asc" ? "asc" : undefined })}
      />
    </Filters>
  );
}
