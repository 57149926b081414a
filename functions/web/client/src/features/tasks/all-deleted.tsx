import { Button, Group } from "@mantine/core";
import { Plus, Trash2, Undo2 } from "lucide-react";
import { many } from "@/lib/format";
import { ButtonLink } from "@/ui/link";
import { Empty } from "@/ui/states";

/** AllDeleted is the homepage of an account whose every backup task was deleted, and can be brought back. */
export function AllDeleted({ n, show }: { n: number; show: () => void }) {
  return (
    <Empty
      icon={Trash2}
      title={`${many(n, "backup task was", "backup tasks were")} deleted, and no other is there`}
      action={
        <Group gap="xs" justify="center">
          <Button leftSection={<Undo2 size={15} aria-hidden />} onClick={show}>
            Bring back what was deleted
          </Button>
          <ButtonLink variant="default" to="/tasks/new" leftSection={<Plus size={16} aria-hidden />}>
            Add Backup Task
          </ButtonLink>
        </Group>
      }
    >
      A deleted backup task can be brought back for 7 days, with all that it has backed up.
    </Empty>
  );
}
