import { Alert, Button, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Trash2, Undo2 } from "lucide-react";
import { daysLeft } from "@/lib/format";
import { toProblem } from "@/lib/problem";
import { Failure, Loading, Refused } from "@/ui/states";
import { deletedQuery } from "./deleted-tasks";
import { useUndeleteTasks } from "./undelete-task.api";

type Props = { id: string; error: unknown; retry: () => void };

/** MissingTask says why a backup task cannot be shown, and brings it back where it was deleted of late. */
export function MissingTask({ id, error, retry }: Props) {
  const nowhere = toProblem(error).status === 404;
  const { data, isPending } = useQuery({ ...deletedQuery, enabled: nowhere });
  const back = useUndeleteTasks();
  const task = data?.items.find((t) => t.id === id);
  if (nowhere && isPending) return <Loading label="Loading the backup task" />;
  if (!task) return <Failure error={error} retry={retry} />;
  return (
    <>
      <Alert
        role="alert"
        color="yellow"
        icon={<Trash2 size={18} aria-hidden />}
        title={`The backup task “${task.name}” was deleted`}
      >
        <Group justify="space-between" gap="sm">
          <Text size="sm">
            It can be brought back with all that it has backed up
            {task.deletedUntil && `: ${daysLeft(task.deletedUntil, new Date()).toLowerCase()}`}.
          </Text>
          <Button
            size="xs"
            variant="default"
            leftSection={<Undo2 size={14} aria-hidden />}
            loading={back.isPending}
            onClick={() => back.mutate([id])}
          >
            Undo
          </Button>
        </Group>
      </Alert>
      <Refused error={back.error} />
    </>
  );
}
