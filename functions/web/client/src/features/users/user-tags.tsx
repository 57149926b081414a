import { Group } from "@mantine/core";
import type { BoxUser } from "@/lib/box-users.api";
import { None } from "@/ui/values";
import type { Tag } from "./list-tags.api";
import { TagBadge } from "./tag-badge";

/** UserTags shows the tags that a Box user has, the built-in one first. */
export function UserTags({ of: user, tags }: { of: BoxUser; tags: readonly Tag[] }) {
  const had = tags.filter((t) => user.tags.includes(t.id));
  if (had.length === 0) return <None />;
  return (
    <Group gap={4} maw={220}>
      {had.map((t) => (
        <TagBadge key={t.id} of={t} />
      ))}
    </Group>
  );
}
