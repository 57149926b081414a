import { ActionIcon, Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { Pencil } from "lucide-react";
import { beyond, focusFirst, tell } from "@/lib/form";
import type { Task } from "@/lib/task";
import { Refused } from "@/ui/states";
import { useChangeTask } from "./change-task.api";

/** Rename is the pencil beside a task's name. */
export function Rename({ task }: { task: Task }) {
  const [opened, dialog] = useDisclosure(false);
  return (
    <>
      <ActionIcon variant="subtle" color="gray" aria-label="Rename the backup task" onClick={dialog.open}>
        <Pencil size={16} aria-hidden />
      </ActionIcon>
      <Modal
        opened={opened}
        onClose={dialog.close}
        title="Rename the backup task"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <Form task={task} close={dialog.close} />
      </Modal>
    </>
  );
}

function Form({ task, close }: { task: Task; close: () => void }) {
  const change = useChangeTask(task.id);
  const form = useForm({
    initialValues: { name: task.name },
    validate: { name: (v) => (v.trim() ? null : "Give the backup task a name.") },
  });
  const submit = form.onSubmit(
    (values) => change.mutate(values, { onSuccess: close, onError: tell(form) }),
    focusFirst(form),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          label="Backup Name"
          description="Shown in notifications and reports."
          withAsterisk
          required
          maxLength={100}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps("name")}
        />
        <Refused error={beyond(change.error, ["name"])} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={change.isPending}>
            Rename
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
