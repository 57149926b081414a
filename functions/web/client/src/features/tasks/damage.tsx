import { Alert, Button, Stack, Text } from "@mantine/core";
import { ShieldAlert } from "lucide-react";
import { toProblem } from "@/lib/problem";
import type { Task } from "@/lib/task";
import { useAcknowledgeDamage } from "./acknowledge-damage.api";

/** Damage says what verification found damaged in a task's backup, until somebody acknowledges it. */
export function Damage({ of: task }: { of: Task }) {
  const acknowledge = useAcknowledgeDamage();
  if (!task.damage) return null;
  return (
    <Alert
      role="note"
      color="red"
      icon={<ShieldAlert size={18} aria-hidden />}
      title="Some of this backup is damaged"
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{task.damage}</Text>
        <Text size="sm">Nothing is removed from the backup until you have acknowledged this.</Text>
        {acknowledge.error && (
          <Text size="sm" role="alert">
            {toProblem(acknowledge.error).message}
          </Text>
        )}
        <Button
          size="xs"
          variant="default"
          loading={acknowledge.isPending}
          onClick={() => acknowledge.mutate(task.id)}
        >
          Acknowledge
        </Button>
      </Stack>
    </Alert>
  );
}
