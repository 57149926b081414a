import { Button, Group, Text } from "@mantine/core";
import { ListChecks } from "lucide-react";
import type { Task } from "@/lib/task";
import { Section } from "@/ui/section";
import { Loading, Refused } from "@/ui/states";
import { CheckResult } from "./check-result";
import { useCheckTask } from "./check-task.api";

/** ConnectionCheck asks Box whether a task's connection allows what backups and restores need. */
export function ConnectionCheck({ task }: { task: Task }) {
  const check = useCheckTask(task.id);
  const connected = task.connection === "Connected";
  return (
    <Section
      title="Check of the connection"
      lead="Asks Box for each permission that is needed, and for every Box user. Nothing is changed at Box; it costs one Box call for each active Box user."
      actions={
        <Button
          size="xs"
          variant="default"
          leftSection={<ListChecks size={14} aria-hidden />}
          loading={check.isPending}
          disabled={!connected}
          onClick={() => check.mutate()}
        >
          {check.data ? "Check again" : "Check the connection"}
        </Button>
      }
    >
      {check.isPending && <Loading rows={3} label="Checking the connection" />}
      <Refused error={check.error} />
      {check.data && !check.isPending && <CheckResult of={check.data} />}
      {!connected && (
        <Group>
          <Text size="sm" c="dimmed">
            Possible once the task is connected.
          </Text>
        </Group>
      )}
    </Section>
  );
}
