import { useSuspenseQuery } from "@tanstack/react-query";
import { createLazyRoute } from "@tanstack/react-router";
import { session } from "@/lib/session";
import { Copy } from "@/ui/copy";
import { Facts } from "@/ui/facts";
import { Section } from "@/ui/section";
import { None, Time } from "@/ui/values";
import { Frame } from "./frame";

function Account() {
  const { account, user } = useSuspenseQuery(session).data;
  return (
    <Frame title="Account settings">
      <Section title="Account" actions={<Copy value={account.id} label="Copy the account id" />}>
        <Facts
          of={[
            ["Company", account.company],
            ["Member since", <Time key="created" at={account.created} />],
            ["Account id", account.id],
          ]}
        />
      </Section>
      <Section
        title="Where the data lives"
        lead="Chosen at sign-up, for good. Backups are stored there and nowhere else."
      >
        <Facts
          of={[
            ["Location", account.locationName],
            ["AWS region", account.region],
          ]}
        />
      </Section>
      <Section title="You">
        <Facts
          of={[
            ["Name", user.name || <None key="name" />],
            ["E-mail", user.email],
            ["Role", user.primary ? "Primary user" : "Portal user"],
          ]}
        />
      </Section>
    </Frame>
  );
}

export const route = createLazyRoute("/portal/settings/account")({ component: Account });
