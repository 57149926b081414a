import { Badge } from "@mantine/core";
import { Lock, Tag as TagIcon } from "lucide-react";
import type { Tag } from "./list-tags.api";

/** TagBadge shows a tag; the one that limits access with a lock. */
export function TagBadge({ of: { name, builtIn } }: { of: Tag }) {
  const Icon = builtIn ? Lock : TagIcon;
  return (
    <Badge
      variant={builtIn ? "light" : "default"}
      color={builtIn ? "yellow" : undefined}
      tt="none"
      fw={500}
      w="max-content"
      maw={140}
      title={name}
      leftSection={<Icon size={12} aria-hidden />}
    >
      {name}
    </Badge>
  );
}
