import { Alert, Button, Group, Text } from "@mantine/core";
import { Trash2, Undo2 } from "lucide-react";
import { daysLeft } from "@/lib/format";
import { Refused } from "./states";

type Props = {
  /** What was deleted, a sentence without its end. */
  title: string;
  until: string | undefined;
  undo: () => void;
  undoing: boolean;
  /** Why it could not be brought back. */
  refused: unknown;
};

/** Undo says that what the page is about was deleted of late, and brings it back. */
export function Undo({ title, until, undo, undoing, refused }: Props) {
  return (
    <>
      <Alert role="alert" color="yellow" icon={<Trash2 size={18} aria-hidden />} title={title}>
        <Group justify="space-between" gap="sm">
          <Text size="sm">
            It can be brought back with all that it has backed up
            {until && `: ${daysLeft(until, new Date()).toLowerCase()}`}.
          </Text>
          <Button
            size="xs"
            variant="default"
            leftSection={<Undo2 size={14} aria-hidden />}
            loading={undoing}
            onClick={undo}
          >
            Undo
          </Button>
        </Group>
      </Alert>
      <Refused error={refused} />
    </>
  );
}
