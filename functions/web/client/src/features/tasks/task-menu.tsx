import { ActionIcon, Menu, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { Link } from "@tanstack/react-router";
import { EllipsisVertical, Settings, Trash2 } from "lucide-react";
import { useRef } from "react";
import { many } from "@/lib/format";
import type { Task } from "@/lib/task";
import { Confirm } from "@/ui/confirm";
import { useDeleteTask } from "./delete-task.api";

/** TaskMenu is what can be done with a backup task from the homepage. */
export function TaskMenu({ task }: { task: Task }) {
  const button = useRef<HTMLButtonElement>(null);
  const [opened, dialog] = useDisclosure(false);
  const remove = useDeleteTask();
  const run = () =>
    remove.mutate(task.id, {
      onSuccess: () =>
        notifications.show({ message: `${task.name} deleted. It can be brought back for 7 days.` }),
    });
  const cancel = () => {
    remove.reset();
    dialog.close();
  };
  return (
    <>
      <Menu position="bottom-end" width={180}>
        <Menu.Target>
          <ActionIcon ref={button} variant="subtle" color="gray" aria-label={`Menu of ${task.name}`}>
            <EllipsisVertical size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            component={Link}
            to={`/tasks/${task.id}/settings`}
            leftSection={<Settings size={15} aria-hidden />}
          >
            Settings
          </Menu.Item>
          <Menu.Item
            leftSection={<Trash2 size={15} aria-hidden />}
            onClick={() => {
              button.current?.focus(); // which is where the dialog gives the focus back to
              dialog.open();
            }}
          >
            Delete Backup
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={opened}
        close={cancel}
        title={`Delete the backup “${task.name}”?`}
        action="Delete"
        run={run}
        pending={remove.isPending}
        error={remove.error}
        danger
      >
        <Stack gap="xs">
          <Text size="sm">
            The backup task is removed
            {task.users.total > 0 && `, with what is backed up of ${many(task.users.total, "Box user")}`}. No
            backup runs any more, and nothing of it can be browsed or restored. Nothing at Box changes.
          </Text>
          <Text size="sm" fw={600}>
            For 7 days it can be brought back under “Recently deleted”. Then everything is deleted for good.
          </Text>
        </Stack>
      </Confirm>
    </>
  );
}
