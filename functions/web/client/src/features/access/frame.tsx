import { Anchor, Paper, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import classes from "./frame.module.css";

type Way = { label: string; to: "/sign-in" | "/sign-up" | "/forgot-password"; before?: string };

/** Frame surrounds the pages of those who are not signed in. */
export function Frame({
  title,
  lead,
  ways = [],
  children,
}: {
  title: string;
  lead?: ReactNode;
  ways?: readonly Way[];
  children: ReactNode;
}) {
  useDocumentTitle(`${title} · Coffer`);
  return (
    <main className={classes.frame}>
      <div className={classes.brand}>
        <img src="/icon.svg" alt="" width={32} height={32} />
        Coffer
      </div>
      <Paper withBorder p="xl" className={classes.card}>
        <Stack gap="md">
          <div>
            <Title order={1} size="h2">
              {title}
            </Title>
            {lead && (
              <Text c="dimmed" size="sm" mt={4}>
                {lead}
              </Text>
            )}
          </div>
          {children}
        </Stack>
      </Paper>
      {ways.map((way) => (
        <Text key={way.to} size="sm">
          {way.before && `${way.before} `}
          <Anchor component={Link} to={way.to} inherit underline="always">
            {way.label}
          </Anchor>
        </Text>
      ))}
    </main>
  );
}
