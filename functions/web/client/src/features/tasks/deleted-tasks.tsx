import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { lazy } from "react";
import { many } from "@/lib/format";
import { tasksQuery } from "@/lib/tasks.api";
import type { Gone } from "@/ui/deleted";
import { Later } from "@/ui/later";
import { useUndeleteTasks } from "./undelete-task.api";

const DeletedDialog = lazy(() => import("@/ui/deleted").then((m) => ({ default: m.DeletedDialog })));

/** deletedQuery asks for the backup tasks that can be brought back. */
export const deletedQuery = tasksQuery({ deleted: true, limit: 200 });

type Props = { opened: boolean; show: (shown: boolean) => void };

/** DeletedButton opens the list of the backup tasks that can be brought back. */
export function DeletedButton({ show }: { show: () => void }) {
  return (
    <Button
      size="xs"
      variant="subtle"
      style={{ alignSelf: "flex-start" }}
      leftSection={<Trash2 size={14} aria-hidden />}
      onClick={show}
    >
      Recently deleted
    </Button>
  );
}

/** DeletedTasks lists the backup tasks that can be brought back. */
export function DeletedTasks({ opened, show }: Props) {
  const { data, error, refetch } = useQuery({ ...deletedQuery, enabled: opened });
  const back = useUndeleteTasks();
  const undo = (rows: readonly Gone[]) =>
    back.mutate(
      rows.map((row) => row.id),
      {
        onSuccess: () => {
          const [only] = rows;
          const who =
            rows.length === 1 && only ? `${only.name} is` : `${many(rows.length, "backup task")} are`;
          notifications.show({ message: `${who} back.` });
        },
      },
    );
  return (
    <Later opened={opened}>
      {(there) => (
        <DeletedDialog
          what="backup tasks"
          opened={there}
          close={() => show(false)}
          rows={data?.items}
          error={error}
          retry={refetch}
          undo={undo}
          undoing={back.isPending ? back.variables : []}
          refused={back.error}
        />
      )}
    </Later>
  );
}
