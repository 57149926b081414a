import { Accordion, Anchor, Group, Stack, Text, Title } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { createLazyRoute, useNavigate } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { session } from "@/lib/session";
import { Copy } from "@/ui/copy";
import { Facts } from "@/ui/facts";
import { Page } from "@/ui/page";
import { Section } from "@/ui/section";
import classes from "./answers.module.css";
import { topics } from "./topics";

function Support() {
  return (
    <Page
      title="Support"
      description="Answers to what administrators ask, and what to say when you ask for help."
    >
      <Answers />
      <Quote />
      <Section title="Working with the API">
        <Text size="sm">
          All that the portal does, it does through an API. Its description is an OpenAPI 3.1 document, which
          tools read to make clients and pages from it.
        </Text>
        <Group>
          <Anchor href="/api/openapi.json" target="_blank" size="sm">
            <Group component="span" gap={6}>
              Open the API description
              <ExternalLink size={14} aria-hidden />
              <span className="for-screen-readers">(new tab)</span>
            </Group>
          </Anchor>
        </Group>
      </Section>
    </Page>
  );
}

/** Answers are the topics; the one that is open is in the address, so that a colleague can be sent there. */
function Answers() {
  const { topic } = route.useSearch();
  const navigate = useNavigate();
  return (
    <Stack gap="sm" component="section" aria-labelledby="answers">
      <Title order={2} size="h4" id="answers">
        Answers
      </Title>
      <Accordion
        variant="contained"
        classNames={{ item: classes.item }}
        order={3}
        value={topic ?? null}
        onChange={(v) =>
          navigate({ to: "/support", search: { topic: topics.find((t) => t.id === v)?.id }, replace: true })
        }
      >
        {topics.map(({ id, question, Answer }) => (
          <Accordion.Item key={id} value={id}>
            <Accordion.Control>{question}</Accordion.Control>
            <Accordion.Panel>
              <Answer />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
    </Stack>
  );
}

function Quote() {
  const { account } = useSuspenseQuery(session).data;
  const quote = `Coffer account ${account.id}, region ${account.region}`;
  return (
    <Section
      title="When you ask for help"
      lead="Whoever runs Coffer for you finds your account by these. Say when it happened and what you saw as well; never send a password."
      actions={<Copy value={quote} label="Copy both" />}
    >
      <Facts
        of={[
          ["Account id", account.id],
          ["Region", account.region],
        ]}
      />
    </Section>
  );
}

export const route = createLazyRoute("/portal/support")({ component: Support });
