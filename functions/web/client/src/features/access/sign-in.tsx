import { Anchor, Button, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { createLazyRoute, Link } from "@tanstack/react-router";
import { focusFirst } from "@/lib/form";
import { PasswordField } from "@/ui/password-field";
import { Refused } from "@/ui/states";
import { Frame } from "./frame";
import { Notice } from "./notice";
import { useSignIn } from "./sign-in.api";

const notices = {
  activated: "Your account is active. Sign in with the password that you chose.",
  changed: "Your password was changed, and all earlier sessions have ended. Sign in with the new password.",
  expired: "Your session has ended. Sign in to go on where you were.",
} as const;

function SignIn() {
  const { next, notice } = route.useSearch();
  const signIn = useSignIn();
  const form = useForm({
    initialValues: { email: "", password: "" },
    validate: {
      email: (v) => (v.trim() ? null : "Enter your e-mail address."),
      password: (v) => (v ? null : "Enter your password."),
    },
  });
  // A full load, so that nothing of who used the page before is left.
  const submit = form.onSubmit(
    (v) => signIn.mutate(v, { onSuccess: () => window.location.replace(next ?? "/") }),
    focusFirst(form),
  );
  return (
    <Frame
      title="Sign in"
      ways={[{ before: "No account yet?", label: "Start a free trial", to: "/sign-up" }]}
    >
      {notice && <Notice good={notice !== "expired"}>{notices[notice]}</Notice>}
      {!notice && next && <Notice>Sign in to see the page that you asked for.</Notice>}
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            autoFocus
            {...form.getInputProps("email")}
          />
          <PasswordField
            label="Password"
            autoComplete="current-password"
            {...form.getInputProps("password")}
          />
          <Refused error={signIn.error} />
          <Button type="submit" loading={signIn.isPending || signIn.isSuccess} fullWidth>
            Sign in
          </Button>
          <Anchor component={Link} to="/forgot-password" size="sm" ta="center">
            Forgot your password?
          </Anchor>
        </Stack>
      </form>
    </Frame>
  );
}

export const route = createLazyRoute("/sign-in")({ component: SignIn });
