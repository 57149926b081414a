import { Alert, Button, Group, Text } from "@mantine/core";
import { CheckCheck } from "lucide-react";
import { type Folder, includedBy, key, nothing, remove, type Selection } from "./selection";

type Props = { selection: Selection; within: readonly Folder[]; select: (to: Selection) => void };

/** Included says that everything in the folder shown is selected already, and with what. */
export function Included({ selection, within, select }: Props) {
  const folder = includedBy(selection, within);
  if (!folder && !selection.whole) return null;
  const clear = () => select(folder ? remove(selection, key({ kind: "folder", id: folder.id })) : nothing);
  return (
    <Alert variant="light" p="xs" icon={<CheckCheck size={16} aria-hidden />} role="status">
      <Group justify="space-between" gap="xs">
        <Text size="sm">
          {folder
            ? `The folder “${folder.name}” is selected, and everything in it is included.`
            : "The whole snapshot is selected, and everything in it is included."}
        </Text>
        <Button size="compact-xs" variant="default" onClick={clear}>
          {folder ? `Unselect “${folder.name}”` : "Unselect"}
        </Button>
      </Group>
    </Alert>
  );
}
