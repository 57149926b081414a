import { Alert, Text } from "@mantine/core";
import { Unplug } from "lucide-react";
import { date } from "@/lib/format";
import type { Task } from "@/lib/task";
import { TextLink } from "@/ui/link";

/** Lapsing says that Box will end the task's authorisation, and what to do about it. */
export function Lapsing({ of: task }: { of: Task }) {
  if (!task.lapses) return null;
  return (
    <Alert
      role="note"
      color="orange"
      icon={<Unplug size={18} aria-hidden />}
      title={`Box ends the connection on ${date(task.lapses)}`}
    >
      <Text size="sm">
        Coffer could not use the authorisation for weeks, and Box ends what is not used for 60 days. Connect
        the task to Box again in its{" "}
        <TextLink to="/tasks/$task/settings" params={{ task: task.id }} inherit>
          settings
        </TextLink>
        .
      </Text>
    </Alert>
  );
}
