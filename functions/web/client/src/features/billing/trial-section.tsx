import { Progress, Stack, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { session } from "@/lib/session";
import { Facts } from "@/ui/facts";
import { Section } from "@/ui/section";
import { Time } from "@/ui/values";
import { trial } from "./trial";

/** TrialSection says how the account's trial stands. */
export function TrialSection() {
  const { account } = useSuspenseQuery(session).data;
  const { share, left, ended } = trial(account.created, account.trialEnds, new Date());
  return (
    <Section
      title="Free trial"
      lead="Nothing is charged for the trial, and Coffer has no payment details of yours."
    >
      <Stack gap="xs" maw={480}>
        <Text fw={600} size="lg">
          {left}
        </Text>
        <Progress value={share * 100} size="sm" aria-label="Part of the trial that is over" />
      </Stack>
      <Facts
        of={[
          ["Began", <Time key="began" at={account.created} />],
          [ended ? "Ended" : "Ends", <Time key="ends" at={account.trialEnds} />],
        ]}
      />
    </Section>
  );
}
