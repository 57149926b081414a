import { useQuery } from "@tanstack/react-query";
import { boxUsersQuery } from "@/lib/box-users.api";
import { Problem, toProblem } from "@/lib/problem";
import { Failure, Loading } from "@/ui/states";
import { Undo } from "@/ui/undo";
import type { useAct } from "./act.api";

type Props = {
  task: string;
  id: string;
  /** It outlives this, which goes while the Box user is asked for anew. */
  act: ReturnType<typeof useAct>;
  error: unknown;
  retry: () => void;
};

/** MissingUser says why a Box user cannot be shown, and brings the backup back where it was deleted of late. */
export function MissingUser({ task, id, act, error, retry }: Props) {
  const nowhere = toProblem(error).status === 404;
  const { data, isPending } = useQuery({
    ...boxUsersQuery(task, { deleted: true, user: id }),
    enabled: nowhere,
  });
  const user = data?.items.find((u) => u.id === id);
  if (nowhere && isPending) return <Loading label="Loading the Box user" />;
  if (!user) return <Failure error={error} retry={retry} />;
  const refusal = act.data?.refused[0];
  return (
    <Undo
      title={`The backup of ${user.name} was deleted`}
      until={user.deletedUntil}
      undo={() => act.mutate({ action: "undelete", choice: { ids: [id] } })}
      undoing={act.isPending}
      refused={act.error ?? (refusal && new Problem(409, refusal.reason))}
    />
  );
}
