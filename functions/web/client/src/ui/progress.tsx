import { Group, Progress, Stack, Text } from "@mantine/core";
import { estimate, share, type Work } from "@/lib/progress";

/** WorkProgress shows how far something has come, in a bar, in words and with its expected end. */
export function WorkProgress({ work, label, detail }: { work: Work; label: string; detail: string }) {
  const done = share(work);
  return (
    <Stack gap={4}>
      <Progress.Root size="sm">
        <Progress.Section
          value={done === undefined ? 100 : Math.max(1, done * 100)}
          animated={done === undefined}
          striped={done === undefined}
          withAria={false} // which would say a percentage in place of the words
          role="progressbar"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={done === undefined ? undefined : Math.floor(done * 100)}
          aria-label={label}
          aria-valuetext={done === undefined ? detail : `${Math.floor(done * 100)} %, ${detail}`}
        />
      </Progress.Root>
      <Group justify="space-between" gap="0 10px">
        <Text size="xs" c="dimmed">
          {detail}
        </Text>
        <Text size="xs" c="dimmed">
          {estimate(work, new Date())}
        </Text>
      </Group>
    </Stack>
  );
}
