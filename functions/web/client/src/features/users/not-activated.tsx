import { Alert, Button, Group, Text } from "@mantine/core";
import { Info } from "lucide-react";
import { having, type Task } from "@/lib/task";
import { people } from "./actions";
import type { Asked } from "./confirm-action";

/** NotActivated reminds of Box users that are not backed up, and offers to activate all of them. */
export function NotActivated({ task, ask }: { task: Task; ask: (asked: Asked) => void }) {
  const n = having(task, "Not Active");
  if (n === 0) return null;
  return (
    <Alert role="note" color="blue" icon={<Info size={18} aria-hidden />}>
      <Group justify="space-between" gap="sm">
        <Text size="sm">
          {people(n)} {n === 1 ? "is" : "are"} not activated and not backed up.
        </Text>
        <Button
          size="xs"
          variant="default"
          onClick={() => ask({ action: "activate", n, choice: { all: true, status: "Not Active" } })}
        >
          Activate {n === 1 ? "this Box user" : `all ${people(n)}`}
        </Button>
      </Group>
    </Alert>
  );
}
