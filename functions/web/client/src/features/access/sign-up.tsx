import { Text } from "@mantine/core";
import { createLazyRoute } from "@tanstack/react-router";
import { useState } from "react";
import type { Schema } from "@/lib/api";
import { Address, CheckMail } from "./check-mail";
import { Frame } from "./frame";
import { useSignUp } from "./sign-up.api";
import { SignUpForm } from "./sign-up-form";

function SignUp() {
  const { location } = route.useSearch();
  const signUp = useSignUp();
  const [sent, setSent] = useState<Schema<"SignUp">>();
  const [again, setAgain] = useState(false);
  if (sent && !again) {
    return (
      <CheckMail
        send={() => signUp.mutate(sent)}
        sending={signUp.isPending}
        error={signUp.error}
        other={() => setAgain(true)}
      >
        <Text>
          We have sent a message to <Address of={sent.email} />.
        </Text>
        <Text>Follow the link in it to activate the account. The link works once, for 24 hours.</Text>
      </CheckMail>
    );
  }
  return (
    <Frame
      title="Start a free trial"
      lead="Connect your Box enterprise and back it up. No payment details are asked for."
      ways={[{ before: "You have an account?", label: "Sign in", to: "/sign-in" }]}
    >
      <SignUpForm
        initial={sent ?? (location ? { location } : undefined)}
        signUp={signUp}
        done={(values) => {
          setSent(values);
          setAgain(false);
        }}
      />
    </Frame>
  );
}

export const route = createLazyRoute("/sign-up")({ component: SignUp });
