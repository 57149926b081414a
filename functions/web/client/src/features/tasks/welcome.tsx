import { Paper, Stack, Text, Title } from "@mantine/core";
import { Plus } from "lucide-react";
import { ButtonLink } from "@/ui/link";
import classes from "./welcome.module.css";

const steps = [
  ["Connect Box", "Name the backup task, sign in to Box as an administrator and authorise Coffer."],
  ["Check the settings", "Choose how often backups run and at what hour. Daily at 01:00 UTC is set already."],
  [
    "Activate Box users",
    "Choose whom to back up. They are backed up at the backup hour, or at once if you like.",
  ],
] as const;

/** Welcome is the first screen of an account: it leads to the first backup task. */
export function Welcome() {
  return (
    <Paper withBorder p={{ base: "md", sm: "xl" }} maw={720}>
      <Stack gap="lg" align="flex-start">
        <div>
          <Title order={2} size="h3">
            Create your first backup task
          </Title>
          <Text c="dimmed" mt={4}>
            A backup task backs up the users of one Box enterprise. Three steps lead to the first backup:
          </Text>
        </div>
        <ol className={classes.steps}>
          {steps.map(([name, what]) => (
            <li key={name}>
              <Text fw={600}>{name}</Text>
              <Text size="sm" c="dimmed">
                {what}
              </Text>
            </li>
          ))}
        </ol>
        <ButtonLink to="/tasks/new" leftSection={<Plus size={16} aria-hidden />}>
          Add Backup Task
        </ButtonLink>
      </Stack>
    </Paper>
  );
}
