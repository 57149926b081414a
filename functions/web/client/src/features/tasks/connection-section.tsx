import { Button, Group, Text } from "@mantine/core";
import { ExternalLink } from "lucide-react";
import type { Task } from "@/lib/task";
import { Facts } from "@/ui/facts";
import { Section } from "@/ui/section";
import { Refused } from "@/ui/states";
import { AppDialog } from "./app-dialog";
import { useAuthorize } from "./authorize-task.api";
import { Connection } from "./connection";
import { authorizeLabel, grantInWords, isOwnApp, whyDisconnected } from "./words";

type Props = {
  task: Task;
  /** Whether the company's own Box app is being asked for. */
  app: boolean;
  showApp: (shown: boolean) => void;
};

/** ConnectionSection is the settings' part on the connection to Box. */
export function ConnectionSection({ task, app, showApp }: Props) {
  const authorize = useAuthorize();
  const { enterprise, feedReason } = task;
  const connected = task.connection === "Connected";
  const own = isOwnApp(task);
  const look = (usual: boolean) => (usual && !connected ? "filled" : "default");
  return (
    <Section
      title="Connection to Box"
      actions={
        <Group gap="sm">
          <Connection of={task} />
          <Button
            size="xs"
            variant={look(!own)}
            loading={authorize.isPending || authorize.isSuccess}
            onClick={() => authorize.mutate(task.id)}
            rightSection={<ExternalLink size={14} aria-hidden />}
          >
            {own ? `${authorizeLabel(task)} instead` : authorizeLabel(task)}
          </Button>
          <Button size="xs" variant={look(own)} onClick={() => showApp(true)}>
            {own ? "Renew the app's credentials" : "Use your own Box app"}
          </Button>
        </Group>
      }
    >
      {!connected && (
        <Text size="sm">{whyDisconnected(task)} No backup runs until the task is connected.</Text>
      )}
      {enterprise && (
        <Facts
          of={[
            ["Box enterprise", enterprise.name],
            ["Enterprise ID", enterprise.id],
            ["Way of connection", grantInWords(task)],
            [own ? "The app's account" : "Authorised by", enterprise.administrator],
            ["How changes are found", task.feed ? feeds[task.feed] : "Known after the first backup"],
          ]}
        />
      )}
      {enterprise && feedReason && (
        <Text size="sm" c="dimmed">
          {feedReason}
        </Text>
      )}
      <Refused error={authorize.error} />
      <AppDialog task={task} opened={app} close={() => showApp(false)} />
    </Section>
  );
}

const feeds = {
  enterprise_stream: "The enterprise's events, for all Box users at once",
  user_stream: "Each Box user's own changes",
};
