import { Button, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { createLazyRoute } from "@tanstack/react-router";
import { useState } from "react";
import { beyond, focusFirst, tell } from "@/lib/form";
import { Refused } from "@/ui/states";
import { Address, CheckMail } from "./check-mail";
import { useForgotPassword } from "./forgot-password.api";
import { Frame } from "./frame";

function ForgotPassword() {
  const request = useForgotPassword();
  const [sent, setSent] = useState<string>();
  const form = useForm({
    initialValues: { email: "" },
    validate: {
      email: (v) => (/^\S+@\S+$/.test(v.trim()) ? null : "Enter an e-mail address such as name@example.com."),
    },
  });
  if (sent !== undefined) {
    return (
      <CheckMail
        send={() => request.mutate(sent)}
        sending={request.isPending}
        error={request.error}
        other={() => setSent(undefined)}
      >
        <Text>
          If there is an account with the address <Address of={sent} />, a message is on its way to it.
        </Text>
        <Text>Follow the link in it to choose a new password. The link works once, for one hour.</Text>
      </CheckMail>
    );
  }
  const submit = form.onSubmit(
    ({ email }) => request.mutate(email, { onSuccess: () => setSent(email), onError: tell(form) }),
    focusFirst(form),
  );
  return (
    <Frame
      title="Reset your password"
      lead="Enter the e-mail address that you signed up with. We send you a link to choose a new password."
      ways={[{ before: "You remember it?", label: "Sign in", to: "/sign-in" }]}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            autoFocus
            maxLength={254}
            {...form.getInputProps("email")}
          />
          <Refused error={beyond(request.error, ["email"])} />
          <Button type="submit" loading={request.isPending} fullWidth>
            Send the link
          </Button>
        </Stack>
      </form>
    </Frame>
  );
}

export const route = createLazyRoute("/forgot-password")({ component: ForgotPassword });
