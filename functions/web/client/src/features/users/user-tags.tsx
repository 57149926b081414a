import { Badge, Group } from "@mantine/core";
import type { BoxUser } from "@/lib/box-users.api";
import { None } from "@/ui/values";
import type { Tag } from "./list-tags.api";
import { TagBadge } from "./tag-badge";

/** More than these would make a row taller than its neighbours. */
const most = 3;

/** UserTags shows the tags that a Box user has, the built-in one first, and the names of what is too many on hover. */
export function UserTags({ of: user, tags }: { of: BoxUser; tags: readonly Tag[] }) {
  const had = tags.filter((t) => user.tags.includes(t.id));
  if (had.length === 0) return <None />;
  const rest = had.slice(most).map((t) => t.name);
  return (
    <Group gap={4} maw={140}>
      {had.slice(0, most).map((t) => (
        <TagBadge key={t.id} of={t} />
      ))}
      {rest.length > 0 && (
        <Badge variant="default" tt="none" fw={500} title={rest.join(", ")}>
          +{rest.length}
          <span className="for-screen-readers"> more: {rest.join(", ")}</span>
        </Badge>
      )}
    </Group>
  );
}
