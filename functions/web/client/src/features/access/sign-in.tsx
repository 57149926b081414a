import { Anchor, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { createLazyRoute, Link } from "@tanstack/react-router";
import { Refused } from "@/ui/states";
import { Frame } from "./frame";
import { useSignIn } from "./sign-in.api";

function SignIn() {
  const { next = "/" } = route.useSearch();
  const signIn = useSignIn();
  const form = useForm({
    initialValues: { email: "", password: "" },
    validate: {
      email: (v) => (v.trim() ? null : "Enter your e-mail address."),
      password: (v) => (v ? null : "Enter your password."),
    },
  });
  // A full load, so that nothing of who used the page before is left.
  const submit = form.onSubmit((v) => signIn.mutate(v, { onSuccess: () => window.location.assign(next) }));
  return (
    <Frame
      title="Sign in"
      ways={[{ before: "No account yet?", label: "Start a free trial", to: "/sign-up" }]}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            autoFocus
            {...form.getInputProps("email")}
          />
          <PasswordInput
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
