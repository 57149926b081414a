import { Button, Group, Stack } from "@mantine/core";
import { useForm } from "@mantine/form";
import { createLazyRoute, Link, useNavigate } from "@tanstack/react-router";
import { beyond, focusFirst, tell } from "@/lib/form";
import { refuse } from "@/lib/password";
import { toProblem } from "@/lib/problem";
import { NewPasswordField, PasswordField } from "@/ui/password-field";
import { Refused } from "@/ui/states";
import { Frame } from "./frame";
import { BadLink } from "./notice";
import { useResetPassword } from "./reset-password.api";
import { useToken } from "./token";

function ResetPassword() {
  const token = useToken();
  return <Reset key={token} token={token} />;
}

function Reset({ token }: { token: string }) {
  const navigate = useNavigate();
  const reset = useResetPassword();
  const form = useForm({
    initialValues: { password: "", confirm: "" },
    validate: {
      password: (v) => refuse(v, ""),
      confirm: (v, all) => (v === all.password ? null : "This is not the same password."),
    },
  });
  const ended = token
    ? toProblem(reset.error).field("token")
    : "A part of it is missing. Open it from the e-mail once more.";
  if (ended) {
    return (
      <BadLink
        title="This link does not work"
        reason={ended}
        action={{ label: "Send a new link", to: "/forgot-password" }}
      >
        A link works once, for one hour, and only the newest one does. Your password is what it was.
      </BadLink>
    );
  }
  const submit = form.onSubmit(
    ({ password }) =>
      reset.mutate(
        { token, password },
        {
          onSuccess: () => navigate({ to: "/sign-in", search: { notice: "changed" }, replace: true }),
          onError: tell(form),
        },
      ),
    focusFirst(form),
  );
  return (
    <Frame title="Choose a new password" lead="All sessions that are open now will end.">
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <NewPasswordField
            label="New Password"
            email=""
            autoFocus
            {...form.getInputProps("password")}
            value={form.values.password}
          />
          <PasswordField
            label="Confirm New Password"
            autoComplete="new-password"
            {...form.getInputProps("confirm")}
          />
          <Refused error={beyond(reset.error, ["password"])} />
          <Group grow>
            <Button component={Link} to="/sign-in" variant="default">
              Cancel
            </Button>
            <Button type="submit" loading={reset.isPending || reset.isSuccess}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Frame>
  );
}

export const route = createLazyRoute("/reset-password")({ component: ResetPassword });
