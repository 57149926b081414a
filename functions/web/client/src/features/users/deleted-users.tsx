import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { lazy } from "react";
import { boxUsersQuery } from "@/lib/box-users.api";
import { Problem } from "@/lib/problem";
import type { Gone } from "@/ui/deleted";
import { Later } from "@/ui/later";
import { useAct } from "./act.api";
import { actions, people } from "./actions";

const DeletedDialog = lazy(() => import("@/ui/deleted").then((m) => ({ default: m.DeletedDialog })));

type Props = { task: string; opened: boolean; show: (shown: boolean) => void };

/** DeletedUsers leads to the Box users whose deleted backups can be brought back. */
export function DeletedUsers({ task, opened, show }: Props) {
  const query = boxUsersQuery(task, { deleted: true, limit: 200 });
  const { data, error, refetch } = useQuery({ ...query, enabled: opened });
  const act = useAct(task);
  const undo = (rows: readonly Gone[]) =>
    act.mutate(
      { action: "undelete", choice: { ids: rows.map((row) => row.id) } },
      {
        onSuccess: ({ done }) => {
          const who = rows.length === 1 ? rows[0]?.name : undefined;
          if (done > 0) notifications.show({ message: actions.undelete.did(who ?? people(done)) });
        },
      },
    );
  const refusal = act.data?.refused[0];
  return (
    <>
      <Button
        size="xs"
        variant="subtle"
        ml="auto"
        leftSection={<Trash2 size={14} aria-hidden />}
        onClick={() => show(true)}
      >
        Recently deleted
      </Button>
      <Later opened={opened}>
        {(there) => (
          <DeletedDialog
            what="backups of Box users"
            opened={there}
            close={() => show(false)}
            rows={data?.items}
            error={error}
            retry={refetch}
            undo={undo}
            undoing={(act.isPending && act.variables.choice.ids) || []}
            refused={act.error ?? (refusal && new Problem(409, `${refusal.name}: ${refusal.reason}`))}
          />
        )}
      </Later>
    </>
  );
}
