import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { tasksQuery } from "@/lib/tasks.api";
import { DeletedDialog, type Gone } from "@/ui/deleted";
import { useUndeleteTask } from "./undelete-task.api";

/** DeletedTasks leads to the backup tasks that can be brought back. */
export function DeletedTasks() {
  const [opened, dialog] = useDisclosure(false);
  const { data, error, refetch } = useQuery({
    ...tasksQuery({ deleted: true, limit: 200 }),
    enabled: opened,
  });
  const back = useUndeleteTask();
  const undo = ({ id, name }: Gone) =>
    back.mutate(id, { onSuccess: () => notifications.show({ message: `${name} is back.` }) });
  return (
    <>
      <Button
        size="xs"
        variant="subtle"
        style={{ alignSelf: "flex-start" }}
        leftSection={<Trash2 size={14} aria-hidden />}
        onClick={dialog.open}
      >
        Recently deleted
      </Button>
      <DeletedDialog
        what="backup tasks"
        opened={opened}
        close={dialog.close}
        rows={data?.items}
        error={error}
        retry={refetch}
        undo={undo}
        undoing={back.isPending ? back.variables : undefined}
        refused={back.error}
      />
    </>
  );
}
