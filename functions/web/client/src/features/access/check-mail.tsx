import { Button, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useState } from "react";
import { Refused } from "@/ui/states";
import { Frame } from "./frame";
import classes from "./frame.module.css";
import { Notice } from "./notice";

type Props = {
  send: () => void;
  sending: boolean;
  error: unknown;
  /** Goes back to enter another address. */
  other: () => void;
  children: ReactNode;
};

/** CheckMail is the page after a mail was asked for. What was sent where is its content. */
export function CheckMail({ send, sending, error, other, children }: Props) {
  const [again, setAgain] = useState(false);
  return (
    <Frame title="Check your mail" ways={[{ label: "Go to sign-in", to: "/sign-in" }]}>
      <Stack gap="sm">
        {children}
        <Text size="sm" c="dimmed">
          Nothing there after a few minutes? Look into the spam folder, check the address, or have it sent
          again. An address gets at most 5 such messages an hour.
        </Text>
      </Stack>
      {again && !sending && !error && <Notice good>The message was sent again.</Notice>}
      <Refused error={error} />
      <Stack gap="xs">
        <Button
          variant="default"
          loading={sending}
          onClick={() => {
            setAgain(true);
            send();
          }}
        >
          Send it again
        </Button>
        <Button variant="subtle" onClick={other}>
          Use another address
        </Button>
      </Stack>
    </Frame>
  );
}

/** Address stands out, since a mistyped one is why no mail comes. */
export function Address({ of }: { of: string }) {
  return (
    <Text span fw={600} className={classes.address}>
      {of.trim()}
    </Text>
  );
}
