import { Alert, Text } from "@mantine/core";
import { CalendarClock } from "lucide-react";
import type { Task } from "@/lib/task";

/** Overdue says whose backups are older than they should be, and why. */
export function Overdue({ of: task }: { of: Task }) {
  if (!task.overdue) return null;
  const who = task.overdue === 1 ? "One Box user has" : `${task.overdue} Box users have`;
  return (
    <Alert
      role="note"
      color="orange"
      icon={<CalendarClock size={18} aria-hidden />}
      title={`${who} no recent backup`}
    >
      <Text size="sm">{task.overdueReason}</Text>
    </Alert>
  );
}
