import { Alert, Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { CircleCheck, Info } from "lucide-react";
import type { ReactNode } from "react";
import { Frame } from "./frame";

/** Notice says what has happened before: something good, or something to know. */
export function Notice({ good = false, children }: { good?: boolean; children: ReactNode }) {
  const Icon = good ? CircleCheck : Info;
  return (
    <Alert
      role="status"
      color={good ? "green" : "blue"}
      variant="light"
      icon={<Icon size={18} aria-hidden />}
    >
      {children}
    </Alert>
  );
}

type Props = {
  title: string;
  reason: string;
  action: { label: string; to: "/sign-up" | "/forgot-password" };
  children: ReactNode;
};

/** BadLink is the page of a mailed link that is used up, expired or cut short. */
export function BadLink({ title, reason, action, children }: Props) {
  return (
    <Frame title={title} lead={reason} ways={[{ label: "Go to sign-in", to: "/sign-in" }]}>
      <Notice>{children}</Notice>
      <Button component={Link} to={action.to} fullWidth>
        {action.label}
      </Button>
    </Frame>
  );
}
