import { Alert, Button, Group, Text } from "@mantine/core";
import { CirclePause } from "lucide-react";
import type { BoxUser } from "@/lib/box-users.api";
import { actions } from "./actions";
import type { Asked } from "./confirm-action";

/** Held says why a Box user's backups do not expire for now, and lets them expire again. */
export function Held({ user, ask }: { user: BoxUser; ask: (asked: Asked) => void }) {
  if (!user.held) return null;
  return (
    <Alert
      role="status"
      color="yellow"
      icon={<CirclePause size={18} aria-hidden />}
      title="Backups of this Box user do not expire for now"
    >
      <Group justify="space-between" gap="sm">
        <Text size="sm">{user.held}</Text>
        <Button
          size="xs"
          variant="default"
          onClick={() => ask({ action: "release", n: 1, name: user.name, choice: { ids: [user.id] } })}
        >
          {actions.release.label}
        </Button>
      </Group>
    </Alert>
  );
}
