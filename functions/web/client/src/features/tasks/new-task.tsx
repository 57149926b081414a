import { Button, Group, List, Paper, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { createLazyRoute } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { beyond, focusFirst, tell } from "@/lib/form";
import { ButtonLink } from "@/ui/link";
import { Page } from "@/ui/page";
import { Refused } from "@/ui/states";
import { useAuthorize } from "./authorize-task.api";
import { useCreateTask } from "./create-task.api";
import { Services } from "./services";
import { Ways } from "./ways";

function NewTask() {
  const navigate = route.useNavigate();
  const create = useCreateTask();
  const authorize = useAuthorize();
  const form = useForm({
    initialValues: { service: "box", name: "", way: "oauth" },
    validate: { name: (v) => (v.trim() ? null : "Give the backup task a name.") },
  });
  // Whatever happens at Box, the way back leads to the task that is there now and not to a second one.
  const own = form.values.way === "app";
  const submit = form.onSubmit(async ({ name }) => {
    const task = await create.mutateAsync(name).catch(tell(form));
    if (!task) return;
    if (own) {
      const settings = { to: "/tasks/$task/settings", params: { task: task.id } } as const;
      await navigate({ ...settings, search: { app: "shown" }, replace: true });
      return;
    }
    const left = await authorize.mutateAsync(task.id).catch(() => undefined);
    const search = left ? {} : { connect: "failed" as const };
    await navigate({ to: "/tasks/$task/settings", params: { task: task.id }, search, replace: true });
  }, focusFirst(form));
  return (
    <Page title="Add a backup task" crumbs={[{ label: "Homepage", to: "/" }]}>
      <Paper withBorder p={{ base: "md", sm: "lg" }} maw={640}>
        <form onSubmit={submit} noValidate>
          <Stack gap="lg">
            <Services value={form.values.service} change={(to) => form.setFieldValue("service", to)} />
            <TextInput
              label="Backup Name"
              description="Shown in notifications and reports. You can change it later."
              placeholder="Box of our company"
              withAsterisk
              required
              maxLength={100}
              autoComplete="off"
              {...form.getInputProps("name")}
            />
            <Ways {...form.getInputProps("way")} />
            <List size="sm" c="dimmed">
              {own ? (
                <List.Item>
                  The app is made in Box's Developer Console and authorised in the Admin Console.
                </List.Item>
              ) : (
                <>
                  <List.Item>
                    You need the login of an administrator or co-administrator of the Box enterprise.
                  </List.Item>
                  <List.Item>
                    Box asks you to sign in and to grant access, then sends you back here.
                  </List.Item>
                  <List.Item>
                    Coffer never sees the password. You can withdraw the access in Box at any time.
                  </List.Item>
                </>
              )}
              <List.Item>No Box user is backed up before you activate it.</List.Item>
            </List>
            <Refused error={beyond(create.error, ["name"])} />
            <Group justify="flex-end" gap="xs">
              <ButtonLink variant="default" to="/">
                Cancel
              </ButtonLink>
              <Button
                type="submit"
                loading={create.isPending || create.isSuccess}
                rightSection={own ? undefined : <ExternalLink size={15} aria-hidden />}
              >
                {own ? "Continue" : "Authenticate in Box"}
              </Button>
            </Group>
          </Stack>
        </form>
      </Paper>
    </Page>
  );
}

export const route = createLazyRoute("/portal/tasks/new")({ component: NewTask });
