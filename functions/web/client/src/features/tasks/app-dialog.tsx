import { Button, FileButton, Group, Modal, Radio, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { type UseFormReturnType, useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { FileJson } from "lucide-react";
import { beyond, focusFirst, tell } from "@/lib/form";
import type { Task } from "@/lib/task";
import { PasswordField } from "@/ui/password-field";
import { Refused } from "@/ui/states";
import { type App, credentials, faults, isLocked, noApp, readApp } from "./box-app";
import { useConnectApp } from "./connect-app.api";

type Props = { task: Task; opened: boolean; close: () => void };

/** AppDialog connects a task with the company's own Box app in place of an administrator's sign-in. */
export function AppDialog({ task, opened, close }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={close}
      title="Connect with your own Box app"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Form task={task} close={close} />
    </Modal>
  );
}

function Form({ task, close }: { task: Task; close: () => void }) {
  const connect = useConnectApp(task.id);
  const form = useForm<App>({
    initialValues: {
      ...noApp,
      ...(task.grant === "jwt" && { grant: task.grant }),
      enterpriseId: task.enterprise?.id ?? "",
    },
    validate: faults,
  });
  const submit = form.onSubmit(
    (app) =>
      connect.mutate(credentials(app), {
        onSuccess: () => {
          close();
          notifications.show({ message: "Connected with your own Box app." });
        },
        onError: tell(form),
      }),
    focusFirst(form),
  );
  const read = async (file: File | null) => {
    if (!file) return;
    const { app, fault } = readApp(await file.text());
    if (app) form.setValues(app);
    form.setErrors(fault ? { privateKey: fault } : {});
    if (!app) form.setErrors({ file: fault });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          An app of your enterprise, made in Box's Developer Console with access to the whole enterprise and
          authorised in the Admin Console. It does not depend on any administrator's account.
        </Text>
        <Radio.Group label="How the app authenticates" {...form.getInputProps("grant")}>
          <Group mt="xs">
            <Radio value="client_credentials" label="Client credentials" />
            <Radio value="jwt" label="JWT with a key pair" />
          </Group>
        </Radio.Group>
        <FileButton
          onChange={read}
          accept="application/json,.json"
          inputProps={{ "aria-label": "JSON file" }}
        >
          {(props) => (
            <Button
              {...props}
              variant="default"
              size="xs"
              mr="auto"
              leftSection={<FileJson size={14} aria-hidden />}
            >
              Fill in from Box's JSON file
            </Button>
          )}
        </FileButton>
        {form.errors.file && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {form.errors.file}
          </Text>
        )}
        <Fields form={form} />
        <Text size="sm" c="dimmed">
          The credentials are tried, then stored encrypted and never shown again.
        </Text>
        <Refused error={beyond(connect.error, Object.keys(noApp))} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={connect.isPending}>
            Connect
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Fields({ form }: { form: UseFormReturnType<App> }) {
  const off = { autoComplete: "off", required: true, withAsterisk: true } as const;
  return (
    <>
      <TextInput label="Client ID" maxLength={100} {...off} {...form.getInputProps("clientId")} />
      <PasswordField label="Client secret" maxLength={200} {...off} {...form.getInputProps("clientSecret")} />
      <TextInput label="Enterprise ID" maxLength={40} {...off} {...form.getInputProps("enterpriseId")} />
      {form.values.grant === "jwt" && (
        <>
          <TextInput label="Public key ID" maxLength={100} {...off} {...form.getInputProps("keyId")} />
          <Textarea
            label="Private key"
            placeholder="-----BEGIN PRIVATE KEY-----"
            rows={5}
            maxLength={5000}
            spellCheck={false}
            {...off}
            {...form.getInputProps("privateKey")}
          />
          {isLocked(form.values.privateKey) && (
            <PasswordField
              label="Passphrase of the private key"
              maxLength={200}
              {...off}
              {...form.getInputProps("passphrase")}
            />
          )}
        </>
      )}
    </>
  );
}
