import { useQuery } from "@tanstack/react-query";
import { toProblem } from "@/lib/problem";
import { Failure, Loading } from "@/ui/states";
import { Undo } from "@/ui/undo";
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
    <Undo
      title={`The backup task “${task.name}” was deleted`}
      until={task.deletedUntil}
      undo={() => back.mutate([id])}
      undoing={back.isPending}
      refused={back.error}
    />
  );
}
