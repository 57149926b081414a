import { Group } from "@mantine/core";
import type { Column } from "@/ui/data-table";
import { TextLink } from "@/ui/link";
import { Status } from "@/ui/status";
import { None, Time } from "@/ui/values";
import { ActivityInfo } from "./activity-info";
import type { Activity } from "./list-activity.api";

export const columns: readonly Column<Activity>[] = [
  {
    key: "kind",
    header: "Activity",
    cell: (activity) => (
      <Group gap={4} wrap="nowrap">
        {activity.kind}
        <ActivityInfo activity={activity} />
      </Group>
    ),
  },
  { key: "at", header: "Date and Time", cell: ({ at }) => <Time at={at} /> },
  { key: "service", header: "Service", cell: () => "Box", wide: true },
  { key: "sub", header: "Sub-Service", cell: ({ boxUserName }) => boxUserName || <None />, wide: true },
  { key: "status", header: "Status", cell: ({ status }) => <Status of={status} /> },
  {
    key: "task",
    header: "Task Name",
    cell: ({ task, taskName }) =>
      task ? (
        <TextLink to="/tasks/$task" params={{ task }} inherit>
          {taskName}
        </TextLink>
      ) : (
        <None />
      ),
  },
  { key: "item", header: "Item", cell: ({ item }) => item || <None /> },
];
