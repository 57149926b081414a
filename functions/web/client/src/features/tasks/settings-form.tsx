import { Alert, Button, Group, Select, SimpleGrid, Stack, Switch, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useBlocker } from "@tanstack/react-router";
import { CircleAlert } from "lucide-react";
import { hourUTC } from "@/lib/format";
import { toProblem } from "@/lib/problem";
import { type Frequency, frequencies, hoursInWords, localHour } from "@/lib/schedule";
import type { Task } from "@/lib/task";
import { Section } from "@/ui/section";
import { Refused } from "@/ui/states";
import { useChangeTask } from "./change-task.api";
import { Fixed } from "./fixed";
import { Leave } from "./leave";

const hours = Array.from({ length: 24 }, (_, h) => ({ value: String(h), label: hourUTC(h) }));

type Values = { autoActivate: boolean; frequency: Frequency; hour: string };

/** SettingsForm changes how a task backs up. What is changed and not saved is not left without a question. */
export function SettingsForm({ task }: { task: Task }) {
  const change = useChangeTask(task.id);
  const form = useForm<Values>({
    initialValues: { autoActivate: task.autoActivate, frequency: task.frequency, hour: String(task.hour) },
  });
  const dirty = form.isDirty();
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => dirty,
    withResolver: true,
  });
  const { frequency, hour } = form.values;
  // Only what was changed here is sent, so that nothing that someone else has changed meanwhile is written over.
  const save = form.onSubmit((values) =>
    change.mutate(changes(values, form.isDirty), {
      onSuccess: () => {
        form.resetDirty();
        notifications.show({ message: "The settings are saved." });
      },
    }),
  );
  const wrong = change.error ? toProblem(change.error).fields() : {};
  return (
    <Section title="Backup settings">
      <form onSubmit={save} noValidate>
        <Stack gap="lg">
          <div>
            <Switch
              label="Automatically activate new users"
              description="A Box user who joins the enterprise is backed up without anyone doing anything."
              {...form.getInputProps("autoActivate", { type: "checkbox" })}
              error={wrong.autoActivate}
            />
            <Alert
              role="note"
              mt="xs"
              p="xs"
              color="yellow"
              variant="light"
              icon={<CircleAlert size={16} aria-hidden />}
            >
              Box users that are added or removed automatically can change the amount of your bill.
            </Alert>
          </div>
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <Select
              label="Backup Frequency"
              data={frequencies.map((f) => ({ ...f }))}
              description={frequency === "three_times_daily" ? "Can cost extra." : undefined}
              inputWrapperOrder={["label", "input", "description", "error"]}
              {...form.getInputProps("frequency")}
              error={wrong.frequency}
            />
            <Select
              label="Backup Hour (UTC)"
              data={hours}
              description={`${localHour(Number(hour), new Date())} in your time zone.`}
              inputWrapperOrder={["label", "input", "description", "error"]}
              {...form.getInputProps("hour")}
              error={wrong.hour}
            />
          </SimpleGrid>
          <Text size="sm" c="dimmed" aria-live="polite">
            Backups begin at {hoursInWords(frequency, Number(hour))} or within ten minutes after.
          </Text>
          <Fixed region={task.region} />
          <Refused error={Object.keys(wrong).length === 0 ? change.error : undefined} />
          <Group justify="flex-end" gap="xs">
            {dirty && (
              <Text size="sm" c="dimmed" mr="auto" role="status">
                Not saved yet
              </Text>
            )}
            <Button variant="default" disabled={!dirty} onClick={form.reset}>
              Cancel
            </Button>
            <Button type="submit" disabled={!dirty} loading={change.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
      <Leave blocked={blocker.status === "blocked"} leave={blocker.proceed} stay={blocker.reset} />
    </Section>
  );
}

function changes({ autoActivate, frequency, hour }: Values, isDirty: (field: keyof Values) => boolean) {
  return {
    autoActivate: isDirty("autoActivate") ? autoActivate : undefined,
    frequency: isDirty("frequency") ? frequency : undefined,
    hour: isDirty("hour") ? Number(hour) : undefined,
  };
}
