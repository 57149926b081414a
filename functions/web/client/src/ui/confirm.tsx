import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { Refused } from "./states";

type Props = {
  opened: boolean;
  close: () => void;
  title: string;
  /** What will happen, in numbers. */
  children: ReactNode;
  action: string;
  /** What the button that does nothing says. */
  dismiss?: string;
  run: () => void;
  pending?: boolean;
  error?: unknown;
  danger?: boolean;
};

/** Confirm asks before something is done. It stays open until it is, and shows why where it is not. */
export function Confirm(props: Props) {
  const { opened, close, title, children, action, dismiss = "Cancel", run, pending, error, danger } = props;
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ "aria-label": "Close" }}>
      <Stack gap="md">
        {children}
        <Refused error={error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            {dismiss}
          </Button>
          <Button onClick={run} loading={pending} color={danger ? "red" : undefined} data-autofocus>
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
