import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import type { Schema } from "@/lib/api";
import { FolderPicker } from "./folder-picker";
import { useReceivers } from "./receivers.api";
import type { Order, Receiver } from "./restore";

type Props = {
  task: string;
  own: Schema<"BoxUser">;
  order: Order;
  change: (to: Partial<Order>) => void;
  errors: { to?: string; folder?: string };
};

/** RestoreTo says where the new folder is made, and lets choose another Box user and folder. */
export function RestoreTo({ task, own, order, change, errors }: Props) {
  const [opened, place] = useDisclosure(!order.to);
  const { to, folders } = order;
  const shown = opened || errors.to || errors.folder;
  if (!shown)
    return (
      <Group gap="xs">
        <Text size="sm">
          The new folder is made in {folders.at(-1)?.name ?? "All Files"} of {to?.name}.
        </Text>
        <Button size="compact-xs" variant="default" onClick={place.open}>
          Choose another place
        </Button>
      </Group>
    );
  return (
    <Stack gap="sm">
      <ReceiverSelect
        task={task}
        own={own}
        value={to}
        change={(receiver) => change({ to: receiver, folders: [] })}
        error={errors.to}
      />
      {to && (
        <FolderPicker
          key={to.id}
          task={task}
          owner={to}
          path={folders}
          change={(path) => change({ folders: path })}
          error={errors.folder}
        />
      )}
    </Stack>
  );
}

type SelectProps = {
  task: string;
  own: Receiver;
  value: Receiver | undefined;
  change: (to: Receiver | undefined) => void;
  error?: string;
};

function ReceiverSelect({ task, own, value, change, error }: SelectProps) {
  const [words, setWords] = useState("");
  const [q] = useDebouncedValue(words.trim(), 250);
  const found = useReceivers(task, q === value?.name ? "" : q);
  const fitting = new Set(found.data?.map((u) => u.id));
  const users = new Map([...(value ? [value] : []), ...(found.data ?? [])].map((u) => [u.id, u]));
  return (
    <Select
      label="Restore to"
      description="A Box user of this backup task"
      placeholder="Name or e-mail address"
      data={[...users.values()].map((u) => ({ value: u.id, label: u.name }))}
      renderOption={({ option }) => (
        <div>
          {option.label}
          {option.value === own.id && " (where the items are from)"}
          <Text size="xs" c="dimmed">
            {users.get(option.value)?.login}
          </Text>
        </div>
      )}
      filter={({ options }) => options.filter((o) => "value" in o && fitting.has(String(o.value)))}
      value={value?.id ?? null}
      onChange={(id) => change(users.get(id ?? ""))}
      searchable
      searchValue={words}
      onSearchChange={setWords}
      nothingFoundMessage={found.isPending ? "Loading" : "No Box user found who can receive anything"}
      error={error}
      comboboxProps={{ shadow: "md" }}
    />
  );
}
