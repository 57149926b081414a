import { useQuery } from "@tanstack/react-query";
import { FilterChoice } from "@/ui/filters";
import { tagsQuery } from "./list-tags.api";

type Props = { task: string; value: string | undefined; change: (tag: string | undefined) => void };

/** TagFilter narrows the Box users to those with a tag. */
export function TagFilter({ task, value, change }: Props) {
  const { data } = useQuery(tagsQuery(task));
  return (
    <FilterChoice
      label="Filter by tag"
      all={data?.map((t) => ({ value: t.id, label: t.name })) ?? []}
      value={value}
      change={change}
      search
    />
  );
}
