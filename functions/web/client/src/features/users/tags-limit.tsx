import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { Lock, LockOpen } from "lucide-react";
import { Refused } from "@/ui/states";
import { people } from "./actions";
import type { useTagUsers } from "./tag-users.api";

type Props = {
  n: number;
  /** Access is limited rather than opened. */
  limits: boolean;
  tag: ReturnType<typeof useTagUsers>;
  back: () => void;
  run: () => void;
};

/** TagsLimit asks before access to what Box users have is limited, or opened again. */
export function TagsLimit({ n, limits, tag, back, run }: Props) {
  const Icon = limits ? Lock : LockOpen;
  return (
    <Stack gap="md">
      <Alert
        role="note"
        color="yellow"
        icon={<Icon size={18} aria-hidden />}
        title={limits ? `Limit access to ${people(n)}?` : `Open access to ${people(n)}?`}
      >
        <Text size="sm">
          {limits
            ? "Secondary users will no longer see, browse, restore or export what is backed up of them. You and the backups are not affected."
            : "Secondary users will be able to see, browse, restore and export what is backed up of them."}
        </Text>
      </Alert>
      <Refused error={tag.error} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={back}>
          Back
        </Button>
        <Button loading={tag.isPending} onClick={run} data-autofocus autoFocus>
          {limits ? "Limit access" : "Open access"}
        </Button>
      </Group>
    </Stack>
  );
}
