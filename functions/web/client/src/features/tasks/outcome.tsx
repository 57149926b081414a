import { Alert, Button, Group, Stack } from "@mantine/core";
import { CircleAlert, CircleCheck, Info } from "lucide-react";
import { many } from "@/lib/format";
import type { Task } from "@/lib/task";
import { TextLink } from "@/ui/link";
import { Refused } from "@/ui/states";
import { useAuthorize } from "./authorize-task.api";
import { authorizeLabel, type Outcome } from "./words";

const astray = {
  expired:
    "Your session or the authorisation had expired before Box sent you back. An authorisation must be finished within 10 minutes, in the browser it was begun in. Nothing was changed.",
  failed: "Something went wrong on our side after Box sent you back.",
};

/** Astray says that the way back from Box led to no task, why, and what to do. */
export function Astray({ of, close }: { of: keyof typeof astray; close: () => void }) {
  return (
    <Alert
      role="alert"
      color="yellow"
      icon={<CircleAlert size={18} aria-hidden />}
      title="The connection to Box was not finished"
      withCloseButton
      closeButtonLabel="Dismiss"
      onClose={close}
    >
      {astray[of]} To begin again, choose the connection of the backup task in the list below.
    </Alert>
  );
}

function found(task: Task): string {
  const { total } = task.users;
  return total > 0 ? `It has ${many(total, "Box user")}.` : "Its Box users are being listed now.";
}

function explain(outcome: Outcome, task: Task): { title: string; text: string } {
  const enterprise = task.enterprise?.name ?? "your Box enterprise";
  switch (outcome) {
    case "connected":
      return {
        title: `Connected to ${enterprise}`,
        text: `${found(task)} Check the settings below, then activate the Box users to back up.`,
      };
    case "denied":
      return {
        title: "Access was not granted in Box",
        text: "The request was declined on Box's page, so nothing was connected or changed. Authenticate again and choose to grant access.",
      };
    case "other-enterprise":
      return {
        title: "That was another Box enterprise",
        text: `This task backs up ${enterprise} and stays with it. Sign in to Box as an administrator of ${enterprise}; for another enterprise add another backup task.`,
      };
    case "not-administrator":
      return {
        title: "That Box login is not an administrator",
        text: "Only an administrator or co-administrator of a Box enterprise (Business, Business Plus, Enterprise or Enterprise Plus) can authorise backups. Sign in to Box as one.",
      };
    case "failed":
      return {
        title: "The connection did not work",
        text: "Box could not be reached or did not complete the authorisation. Nothing was changed. Try again; if it keeps failing, see whether Box has an outage.",
      };
  }
}

/** ConnectOutcome shows how the way to Box and back ended, and what to do next. */
export function ConnectOutcome({ of, task, close }: { of: Outcome; task: Task; close: () => void }) {
  const authorize = useAuthorize();
  const { title, text } = explain(of, task);
  const good = of === "connected" && task.connection === "Connected";
  const Icon = good ? CircleCheck : of === "denied" ? Info : CircleAlert;
  return (
    <Alert
      role={good ? "status" : "alert"}
      color={good ? "green" : "yellow"}
      icon={<Icon size={18} aria-hidden />}
      title={title}
      withCloseButton
      closeButtonLabel="Dismiss"
      onClose={close}
    >
      <Stack gap="xs" align="flex-start">
        <span>{text}</span>
        <Refused error={authorize.error} />
        {good ? (
          <TextLink to="/tasks/$task" params={{ task: task.id }} size="sm" fw={600}>
            Go to the Box users
          </TextLink>
        ) : (
          <Group gap="xs">
            <Button
              size="xs"
              variant="default"
              loading={authorize.isPending || authorize.isSuccess}
              onClick={() => authorize.mutate(task.id)}
            >
              {authorizeLabel(task)}
            </Button>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}
