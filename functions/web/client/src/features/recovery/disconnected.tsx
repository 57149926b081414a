import { Alert } from "@mantine/core";
import { Unplug } from "lucide-react";
import type { Schema } from "@/lib/api";
import { TextLink } from "@/ui/link";

/** Disconnected says that nothing can be restored, and where to change that; nothing while a task is connected. */
export function Disconnected({ task }: { task: Schema<"Task"> }) {
  if (task.connection === "Connected") return null;
  return (
    <Alert color="red" variant="light" icon={<Unplug size={18} aria-hidden />} title="Not connected to Box">
      Everything that was backed up can be looked at, but nothing can be restored until this backup task is
      connected again. Connect it in{" "}
      <TextLink to="/tasks/$task/settings" params={{ task: task.id }} inherit underline="always">
        its settings
      </TextLink>
      .
    </Alert>
  );
}
