import { ActionIcon, Button, Checkbox, Group, Text } from "@mantine/core";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { Refused } from "@/ui/states";
import { people } from "./actions";
import { useDeleteTag } from "./delete-tag.api";
import type { Tag } from "./list-tags.api";
import classes from "./tag-row.module.css";

type Props = {
  task: string;
  tag: Tag;
  held: "all" | "some" | "none";
  wanted: boolean | undefined;
  want: (wanted: boolean) => void;
  /** Another person alone may change who has it. */
  barred: boolean;
  removed: (tag: string) => void;
};

/** TagRow is a tag that can be given, taken away, and deleted after a question. */
export function TagRow({ task, tag, held, wanted, want, barred, removed }: Props) {
  const [asked, ask] = useState(false);
  const remove = useDeleteTag(task, removed);
  const partly = wanted === undefined && held === "some";
  return (
    <div>
      <Group justify="space-between" wrap="nowrap" gap="xs" mih={34}>
        <Checkbox
          size="sm"
          className={classes.tag}
          label={tag.name}
          description={describe(tag, barred)}
          checked={wanted ?? held === "all"}
          indeterminate={partly}
          disabled={barred}
          onChange={(e) => want(partly || e.currentTarget.checked)}
        />
        {!tag.builtIn && !asked && (
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Delete the tag ${tag.name}`}
            onClick={() => ask(true)}
          >
            <Trash2 size={15} aria-hidden />
          </ActionIcon>
        )}
      </Group>
      {asked && (
        <Group gap="xs" ml={32} mb="xs">
          <Text size="sm">
            Delete this tag? {tag.users > 0 ? `It is taken from ${people(tag.users)}.` : "Nobody has it."}
          </Text>
          <Button size="compact-xs" variant="default" onClick={() => ask(false)}>
            Keep it
          </Button>
          <Button
            size="compact-xs"
            color="red"
            loading={remove.isPending}
            onClick={() => remove.mutate(tag.id)}
            aria-label={`Delete ${tag.name}`}
          >
            Delete
          </Button>
          <Refused error={remove.error} />
        </Group>
      )}
    </div>
  );
}

function describe({ builtIn, users }: Tag, barred: boolean): string {
  if (barred) return "Only the account's primary user can give or take this tag.";
  const who = users > 0 ? people(users) : "Nobody yet";
  return builtIn ? `${who}. Only the primary user sees their data.` : who;
}
