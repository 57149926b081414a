import { Box, Stack, Text } from "@mantine/core";
import type { BoxUser } from "@/lib/box-users.api";
import { waitingFor } from "@/lib/waiting";
import { Status } from "@/ui/status";
import { BackupProgress } from "./backup-progress";

/** UserStatus shows a Box user's status with what belongs to it: how far the backup is, or what went wrong. */
export function UserStatus({ of: user }: { of: BoxUser }) {
  const { status, requested, reason } = user;
  const running = status === "In Process";
  return (
    <Stack gap={3} align="flex-start" maw={170}>
      <Status of={status} />
      {running && (
        <Box w={160}>
          <BackupProgress of={user} />
        </Box>
      )}
      {!running && requested && <Hint>{waitingFor(user) ?? "Starts when a worker is free"}</Hint>}
      {!requested && reason && <Hint>{reason}</Hint>}
    </Stack>
  );
}

function Hint({ children }: { children: string }) {
  return (
    <Text size="xs" c="dimmed" lineClamp={4} title={children}>
      {children}
    </Text>
  );
}
