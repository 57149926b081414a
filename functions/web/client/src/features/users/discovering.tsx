import { Group, Loader, Paper, Text, Title } from "@mantine/core";
import type { Task } from "@/lib/task";

/** Discovering stands in for a task's Box users while Box is asked for them for the first time. */
export function Discovering({ task }: { task: Task }) {
  return (
    <Paper withBorder p="xl" role="status">
      <Group gap="md" wrap="nowrap">
        <Loader size="sm" aria-hidden />
        <div>
          <Title order={2} size="h4">
            Finding the Box users of {task.enterprise?.name ?? "your enterprise"}
          </Title>
          <Text size="sm" c="dimmed">
            They appear here by themselves, in less than a minute as a rule. None is backed up before it is
            activated
            {task.autoActivate && ", which happens by itself for this task"}.
          </Text>
        </div>
      </Group>
    </Paper>
  );
}
