import { Button, Group, Text } from "@mantine/core";
import { ExternalLink } from "lucide-react";
import type { Task } from "@/lib/task";
import { Facts } from "@/ui/facts";
import { Section } from "@/ui/section";
import { Refused } from "@/ui/states";
import { useAuthorize } from "./authorize-task.api";
import { Connection } from "./connection";
import { authorizeLabel, whyDisconnected } from "./words";

/** ConnectionSection is the settings' part on the connection to Box. */
export function ConnectionSection({ task }: { task: Task }) {
  const authorize = useAuthorize();
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
          ]}
        />
      )}
      <Refused error={authorize.error} />
    </Section>
  );
}
