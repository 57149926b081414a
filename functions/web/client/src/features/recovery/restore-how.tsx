import { Radio, Stack } from "@mantine/core";
import classes from "./recovery.module.css";
import { folderName, type Mode, type Order } from "./restore";

type Props = { order: Order; change: (to: Partial<Order>) => void; active: boolean; name: string };

/** RestoreHow asks whether to restore into a new folder or in place, and what to do with what exists there. */
export function RestoreHow({ order, change, active, name }: Props) {
  const ways: readonly [Mode, string, string][] = [
    [
      "non_destructive",
      "A new folder",
      `Everything goes into a new folder, such as “${folderName(new Date())}”, with the folders that it was in. Nothing else at Box is touched.`,
    ],
    [
      "replace",
      "In place, replace",
      "Items become what they were: content, name, folder, description and tags. Deleted ones are made again. Box keeps the newer version of an overwritten file among its versions.",
    ],
    [
      "bypass",
      "In place, bypass",
      "Deleted items are made again where they were. Items that still exist are left alone, whatever and wherever they are now.",
    ],
  ];
  return (
    <Radio.Group
      label="Where to"
      description={
        active
          ? undefined
          : `${name} is not active at Box, so the items can only go to another Box user, into a new folder.`
      }
      value={order.mode}
      onChange={(value) => change({ mode: ways.find(([mode]) => mode === value)?.[0] ?? order.mode })}
    >
      <Stack gap="xs" mt="xs">
        {ways.map(([mode, label, description]) => (
          <Radio
            key={mode}
            value={mode}
            label={label}
            classNames={{ description: classes.description }}
            description={description}
            disabled={!active && mode !== "non_destructive"}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}
