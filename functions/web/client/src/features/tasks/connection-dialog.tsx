import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { ExternalLink } from "lucide-react";
import type { Task } from "@/lib/task";
import { Facts } from "@/ui/facts";
import { Refused } from "@/ui/states";
import { useAuthorize } from "./authorize-task.api";
import { authorizeLabel, whyDisconnected } from "./words";

type Props = { task: Task; opened: boolean; close: () => void };

/** ConnectionDialog says how a task is connected to Box and leads to Box to authorize it. */
export function ConnectionDialog({ task, opened, close }: Props) {
  const authorize = useAuthorize();
  const { enterprise } = task;
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={`Connection of ${task.name}: ${task.connection}`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack gap="md">
        {task.connection === "Disconnected" && (
          <Text size="sm">
            {whyDisconnected(task)} No backup runs until the task is connected. What is backed up already
            stays.
          </Text>
        )}
        {enterprise && (
          <Facts
            of={[
              ["Box enterprise", enterprise.name],
              ["Enterprise ID", enterprise.id],
              ["Authorized by", enterprise.administrator],
            ]}
          />
        )}
        <Text size="sm" c="dimmed">
          Box asks for the sign-in of an administrator {enterprise ? `of ${enterprise.name} ` : ""}and sends
          you back here.
        </Text>
        <Refused error={authorize.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            loading={authorize.isPending || authorize.isSuccess}
            onClick={() => authorize.mutate(task.id)}
            rightSection={<ExternalLink size={15} aria-hidden />}
            data-autofocus
          >
            {authorizeLabel(task)}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
