import { Button, Group, ScrollArea, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { session } from "@/lib/session";
import { SearchField } from "@/ui/search-field";
import { Failure, Loading, Refused } from "@/ui/states";
import { limitedAccess, tagsQuery } from "./list-tags.api";
import { TagRow } from "./tag-row";
import type { useTagUsers } from "./tag-users.api";
import { held, type Picked, tagging, type Wanted } from "./tagging";

type Props = {
  task: string;
  picked: Picked;
  wanted: Wanted;
  want: (wanted: Wanted) => void;
  create: (name: string) => void;
  tag: ReturnType<typeof useTagUsers>;
  close: () => void;
  apply: (change: { add: string[]; remove: string[] }) => void;
  removed: (tag: string) => void;
};

/** TagsChoice lists a task's tags, ticked where all who are selected have them. */
export function TagsChoice({ task, picked, wanted, want, create, tag, close, apply, removed }: Props) {
  const { data, error, refetch } = useQuery(tagsQuery(task));
  const primary = useQuery(session).data?.user.primary ?? false;
  const [q, search] = useState<string>();
  if (error && !data) return <Failure error={error} retry={refetch} title="The tags could not be loaded" />;
  if (!data) return <Loading label="Loading the tags" />;
  const change = tagging(data, picked, wanted);
  const shown = data.filter((t) => t.name.toLowerCase().includes(q?.toLowerCase() ?? ""));
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="xs">
        <SearchField label="Search tags" value={q} change={search} />
        <Button
          size="xs"
          variant="default"
          leftSection={<Plus size={14} aria-hidden />}
          onClick={() => create(shown.length === 0 ? (q ?? "") : "")}
        >
          Create New Tag
        </Button>
      </Group>
      <ScrollArea.Autosize mah={320} type="auto" scrollbars="y">
        <Stack gap={6} role="group" aria-label="Tags">
          {shown.map((t) => (
            <TagRow
              key={t.id}
              task={task}
              tag={t}
              held={held(t, picked)}
              wanted={wanted[t.id]}
              want={(to) => want({ ...wanted, [t.id]: to })}
              barred={t.id === limitedAccess && !primary}
              removed={removed}
            />
          ))}
          {shown.length === 0 && (
            <Text size="sm" c="dimmed" role="status">
              No tag's name contains “{q}”.
            </Text>
          )}
        </Stack>
      </ScrollArea.Autosize>
      <Refused error={tag.error} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button
          disabled={change.add.length + change.remove.length === 0}
          loading={tag.isPending}
          onClick={() => apply(change)}
        >
          Apply
        </Button>
      </Group>
    </Stack>
  );
}
