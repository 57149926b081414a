import { Alert, Button, Text } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import type { Schema } from "@/lib/api";
import { dateTime } from "@/lib/format";

type Props = { of: Schema<"Shortened">; pending: boolean; restore: () => void };

/** Shortened says that backups will be kept for a shorter time, and offers to keep them for as long as before. */
export function Shortened({ of: { until }, pending, restore }: Props) {
  return (
    <Alert
      role="note"
      color="orange"
      icon={<TriangleAlert size={18} aria-hidden />}
      title="Backups will be kept for a shorter time"
    >
      <Text size="sm">
        Until {dateTime(until)} everything is kept as before. After that, what is older is deleted for good.
      </Text>
      <Button size="xs" variant="default" mt="xs" onClick={restore} loading={pending}>
        Keep as before
      </Button>
    </Alert>
  );
}
