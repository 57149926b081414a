import { Button, Group, Stack } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useSuspenseQuery } from "@tanstack/react-query";
import { beyond, focusFirst, tell } from "@/lib/form";
import { refuse } from "@/lib/password";
import { session } from "@/lib/session";
import { NewPasswordField, PasswordField } from "@/ui/password-field";
import { Section } from "@/ui/section";
import { Refused } from "@/ui/states";
import { useChangePassword } from "./change-password.api";
import classes from "./frame.module.css";

/** ChangePassword asks for the current password and a new one. */
export function ChangePassword() {
  const { email } = useSuspenseQuery(session).data.user;
  const change = useChangePassword();
  const form = useForm({
    initialValues: { current: "", password: "", confirm: "" },
    validate: {
      current: (v) => (v ? null : "Enter your current password."),
      password: (v) => refuse(v, email),
      confirm: (v, all) => (v === all.password ? null : "This is not the same password."),
    },
  });
  const submit = form.onSubmit(
    ({ current, password }) =>
      change.mutate(
        { current, password },
        {
          onSuccess: () => {
            form.reset();
            notifications.show({
              color: "green",
              message: "Your password was changed. All other sessions have ended.",
            });
          },
          onError: tell(form),
        },
      ),
    focusFirst(form),
  );
  return (
    <Section
      title="Change password"
      lead="All your other sessions end, and a message about it goes to your e-mail address."
    >
      <form onSubmit={submit} noValidate className={classes.form}>
        <Stack gap="md">
          <input type="email" autoComplete="username" value={email} readOnly hidden />
          <PasswordField
            label="Current password"
            autoComplete="current-password"
            {...form.getInputProps("current")}
          />
          <NewPasswordField
            label="New password"
            email={email}
            {...form.getInputProps("password")}
            value={form.values.password}
          />
          <PasswordField
            label="Confirm new password"
            autoComplete="new-password"
            {...form.getInputProps("confirm")}
          />
          <Refused error={beyond(change.error, ["current", "password"])} />
          <Group>
            <Button type="submit" loading={change.isPending}>
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
