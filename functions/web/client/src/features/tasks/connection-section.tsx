import { Button, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { ExternalLink } from "lucide-react";
import type { Task } from "@/lib/task";
import { Facts } from "@/ui/facts";
import { Section } from "@/ui/section";
import { Refused } from "@/ui/states";
import { AppDialog } from "./app-dialog";
import { useAuthorize } from "./authorize-task.api";
import { Connection } from "./connection";
import { authorizeLabel, whyDisconnected } from "./words";

/** ConnectionSection is the settings' part on the connection to Box. */
export function ConnectionSection({ task }: { task: Task }) {
  const authorize = useAuthorize();
  const [opened, dialog] = useDisclosure(false);
  const { enterprise } = task;
  const connected = task.connection === "Connected";
  return (
    <Section
      title="Connection to Box"
      actions={
        <Group gap="sm">
          <Connection of={task} />
          <Button
            size="xs"
            variant={connected ? "default" : "filled"}
            loading={authorize.isPending || authorize.isSuccess}
            onClick={() => authorize.mutate(task.id)}
            rightSection={<ExternalLink size={14} aria-hidden />}
          >
            {authorizeLabel(task)}
          </Button>
          <Button size="xs" variant="default" onClick={dialog.open}>
            Use your own Box app
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
            ["Authorized by", enterprise.administrator],
            ["How changes are found", <Feed key="feed" of={task} />],
          ]}
        />
      )}
      <Refused error={authorize.error} />
      <AppDialog task={task} opened={opened} close={dialog.close} />
    </Section>
  );
}

const feeds = {
  enterprise_stream: "The enterprise's events, for all Box users at once",
  user_stream: "Each Box user's own changes",
};

/** Feed says how a task learns what has changed at Box, and why not in the best way. */
function Feed({ of: { feed, feedReason } }: { of: Task }) {
  return (
    <>
      {feed ? feeds[feed] : "Known after the first backup"}
      {feedReason && (
        <Text size="xs" c="dimmed">
          {feedReason}
        </Text>
      )}
    </>
  );
}
