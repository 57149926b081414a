import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { ExternalLink } from "lucide-react";
import type { Task } from "@/lib/task";
import { Facts } from "@/ui/facts";
import { ButtonLink } from "@/ui/link";
import { Refused } from "@/ui/states";
import { useAuthorize } from "./authorize-task.api";
import { authorizeLabel, grantInWords, isOwnApp, whyDisconnected } from "./words";

type Props = { task: Task; opened: boolean; close: () => void };

/** ConnectionDialog says how a task is connected to Box, and leads to renewing that in the same way. */
export function ConnectionDialog({ task, opened, close }: Props) {
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
              ["Way of connection", grantInWords(task)],
              [isOwnApp(task) ? "The app's account" : "Authorised by", enterprise.administrator],
            ]}
          />
        )}
        {isOwnApp(task) ? <RenewApp task={task} close={close} /> : <Renew task={task} close={close} />}
      </Stack>
    </Modal>
  );
}

type Way = { task: Task; close: () => void };

/** Renew leads to Box, where an administrator signs in. */
function Renew({ task, close }: Way) {
  const authorize = useAuthorize();
  return (
    <>
      <Text size="sm" c="dimmed">
        Box asks for the sign-in of an administrator {task.enterprise ? `of ${task.enterprise.name} ` : ""}and
        sends you back here.
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
    </>
  );
}

/** RenewApp leads to where the company's own Box app is asked for. */
function RenewApp({ task, close }: Way) {
  return (
    <>
      <Text size="sm" c="dimmed">
        The task uses your own Box app. Renewing asks for the app's credentials as they are now in Box's
        Developer Console.
      </Text>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <ButtonLink
          to="/tasks/$task/settings"
          params={{ task: task.id }}
          search={{ app: "shown" }}
          onClick={close}
          data-autofocus
        >
          Renew the app's credentials
        </ButtonLink>
      </Group>
    </>
  );
}
