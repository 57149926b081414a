import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { beyond, focusFirst, tell } from "@/lib/form";
import { Refused } from "@/ui/states";
import { useCreateTag } from "./create-tag.api";
import type { Tag } from "./list-tags.api";

type Props = { task: string; name: string; cancel: () => void; created: (tag: Tag) => void };

/** NewTag asks for the name of a tag to be. */
export function NewTag({ task, name, cancel, created }: Props) {
  const create = useCreateTag(task);
  const form = useForm({
    initialValues: { name },
    validate: { name: (v) => (v.trim() ? null : "Give the tag a name.") },
  });
  const submit = form.onSubmit(
    (values) => create.mutate(values.name, { onSuccess: created, onError: tell(form) }),
    focusFirst(form),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          label="Name of the new tag"
          description="Such as “Managers” or “Sales team”. At most 40 characters."
          required
          withAsterisk
          maxLength={40}
          autoComplete="off"
          autoFocus
          {...form.getInputProps("name")}
        />
        <Refused error={beyond(create.error, ["name"])} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={cancel}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Create
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
