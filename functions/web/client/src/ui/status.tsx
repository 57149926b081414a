import { Badge, type MantineColor } from "@mantine/core";
import {
  Archive,
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleX,
  Clock,
  type LucideIcon,
  RefreshCw,
  Unplug,
} from "lucide-react";

const looks: Record<string, [MantineColor, LucideIcon]> = {
  "Not Active": ["gray", CircleDashed],
  Scheduled: ["blue", Clock],
  "In Process": ["brand", RefreshCw],
  Success: ["green", CircleCheck],
  Partial: ["yellow", CircleAlert],
  Failed: ["red", CircleX],
  Paused: ["gray", CirclePause],
  Archived: ["gray", Archive],
  Pending: ["blue", Clock],
  "In progress": ["brand", RefreshCw],
  Succeeded: ["green", CircleCheck],
  "Partially succeeded": ["yellow", CircleAlert],
  Canceled: ["gray", Ban],
  Waiting: ["blue", Clock],
  Restored: ["green", CircleCheck],
  Replaced: ["green", RefreshCw],
  "Left as it was": ["gray", CircleDashed],
  Damaged: ["red", CircleX],
  Overdue: ["yellow", Clock],
  "Connection lapses": ["yellow", Unplug],
  "Ceiling reached": ["red", CirclePause],
  Connected: ["green", CircleCheck],
  Disconnected: ["red", Unplug],
};

/** Status shows a status of a Box user, job, activity or connection: always as a word, never as a colour alone. */
export function Status({ of }: { of: string }) {
  const [color, Icon] = looks[of] ?? ["gray", CircleDashed];
  return (
    <Badge
      color={color}
      variant="light"
      tt="none"
      fw={600}
      miw="max-content"
      leftSection={<Icon size={13} aria-hidden />}
      className="status"
    >
      {of}
    </Badge>
  );
}
