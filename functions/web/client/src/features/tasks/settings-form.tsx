import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useBlocker } from "@tanstack/react-router";
import { useState } from "react";
import { beyond, focusFirst, tell } from "@/lib/form";
import type { Task } from "@/lib/task";
import { Refused } from "@/ui/states";
import { useChangeTask } from "./change-task.api";
import { Leave } from "./leave";
import classes from "./settings.module.css";
import { SettingsContent } from "./settings-content";
import { SettingsKeeping } from "./settings-keeping";
import { SettingsLimits } from "./settings-limits";
import { SettingsSchedule } from "./settings-schedule";
import { changes, faults, type Values, valuesOf } from "./settings-values";
import { Shortened } from "./shortened";

/** SettingsForm changes how a task backs up. What is changed and not saved is not left without a question. */
export function SettingsForm({ task }: { task: Task }) {
  const change = useChangeTask(task.id);
  const [saved, keep] = useState(() => valuesOf(task));
  const form = useForm<Values>({ initialValues: saved, validate: faults });
  const dirty = form.isDirty();
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => dirty,
    withResolver: true,
  });
  const store = (what: Parameters<typeof change.mutate>[0]) =>
    change.mutate(what, {
      onSuccess: (changed) => {
        const now = valuesOf(changed);
        keep(now);
        form.setInitialValues(now);
        form.setValues(now);
        form.resetDirty(now);
        notifications.show({ message: "The settings are saved." });
      },
      onError: tell(form),
    });
  const save = form.onSubmit((values) => store(changes(saved, values)), focusFirst(form));
  const { shortened } = task.policy;
  return (
    <form onSubmit={save} noValidate aria-label="Backup settings">
      <Stack gap="lg">
        {shortened && (
          <Shortened
            of={shortened}
            pending={change.isPending}
            restore={() =>
              store({ policy: { retention: shortened.retention, archiveDays: shortened.archiveDays } })
            }
          />
        )}
        <SettingsSchedule form={form} region={task.region} />
        <SettingsContent form={form} />
        <SettingsKeeping form={form} saved={saved} created={task.created} />
        <SettingsLimits form={form} />
        <Refused error={beyond(change.error, Object.keys(saved))} />
        <Paper withBorder className={classes.save} data-dirty={dirty || undefined}>
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
        </Paper>
      </Stack>
      <Leave blocked={blocker.status === "blocked"} leave={blocker.proceed} stay={blocker.reset} />
    </form>
  );
}
