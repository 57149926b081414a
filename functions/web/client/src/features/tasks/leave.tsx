import { Button, Group, Modal, Stack, Text } from "@mantine/core";

type Props = { blocked: boolean; leave?: () => void; stay?: () => void };

/** Leave asks before changes that are not saved are left. */
export function Leave({ blocked, leave = () => {}, stay = () => {} }: Props) {
  return (
    <Modal opened={blocked} onClose={stay} title="Leave without saving?" withCloseButton={false} size="md">
      <Stack gap="md">
        <Text size="sm">
          The settings were changed and not saved. Leaving this page discards the changes.
        </Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={leave}>
            Discard the changes
          </Button>
          <Button onClick={stay} data-autofocus>
            Stay on this page
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
