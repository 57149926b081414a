import { Alert, Paper, Text } from "@mantine/core";
import { CircleAlert, CircleX, Clock, Info } from "lucide-react";
import type { BoxUser } from "@/lib/box-users.api";
import { date } from "@/lib/format";
import { waitingFor } from "@/lib/waiting";
import { TextLink } from "@/ui/link";
import { BackupProgress } from "./backup-progress";

const icon = { size: 18, "aria-hidden": true };

type Props = {
  task: string;
  user: BoxUser;
  /** When an archive is deleted for good. */
  until: string | undefined;
};

/** State says what a Box user's status means at the moment, and what to do where something is to be done. */
export function State({ task, user, until }: Props) {
  if (user.status === "In Process")
    return (
      <Paper withBorder p="md" component="section" aria-label="Backup in process">
        {user.progress ? <BackupProgress of={user} /> : <Text size="sm">The backup is starting.</Text>}
      </Paper>
    );
  if (waitingFor(user))
    return (
      <Alert role="status" color="yellow" icon={<Clock {...icon} />} title="A backup is requested, and waits">
        {waitingFor(user)}
      </Alert>
    );
  if (user.requested)
    return (
      <Alert role="status" color="blue" icon={<Clock {...icon} />} title="A backup is requested">
        It starts when a worker is free, which may take several minutes.
      </Alert>
    );
  switch (user.status) {
    case "Failed":
      return (
        <Alert role="status" color="red" icon={<CircleX {...icon} />} title="The last backup failed">
          {user.reason} {user.active && "The next scheduled backup tries again."} To try at once, choose
          “Backup now”; if it is about access, check the{" "}
          <TextLink to="/tasks/$task/settings" params={{ task }} inherit c="inherit" underline="always">
            connection to Box
          </TextLink>
          .
        </Alert>
      );
    case "Partial":
      return (
        <Alert
          role="status"
          color="yellow"
          icon={<CircleAlert {...icon} />}
          title="The last backup is not complete"
        >
          {user.reason}{" "}
          {user.snapshot && (
            <TextLink
              to="/tasks/$task/users/$user"
              params={{ task, user: user.id }}
              search={{ failures: user.snapshot }}
              resetScroll={false}
              inherit
              c="inherit"
              underline="always"
            >
              See what failed and why
            </TextLink>
          )}
        </Alert>
      );
    case "Not Active":
      return (
        <Alert role="status" color="blue" icon={<Info {...icon} />}>
          This Box user is not backed up on schedule until it is activated.
        </Alert>
      );
    case "Paused":
      return (
        <Alert role="status" color="gray" icon={<Info {...icon} />}>
          Scheduled backups are paused. What is backed up stays and can be browsed and restored.
        </Alert>
      );
    case "Archived":
      return (
        <Alert role="status" color="gray" icon={<Info {...icon} />}>
          This Box user is no longer in the enterprise. What is backed up{" "}
          {until ? `is kept until ${date(until)}, then deleted for good. Until then it` : "stays and"} can be
          browsed and restored.
        </Alert>
      );
    default:
      return null;
  }
}
