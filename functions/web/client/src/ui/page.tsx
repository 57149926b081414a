import { Anchor, Box, Breadcrumbs, Group, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

/** Crumb is a step on the way to a page; its address is one inside the portal. */
export type Crumb = { label: string; to: string };

type Props = {
  title: string;
  crumbs?: readonly Crumb[];
  /** Beside the title: a state, a rename button. */
  beside?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
};

/** Page is the frame of every page: its way, title, actions and content. The title is also the document's. */
export function Page({ title, crumbs = [], beside, description, actions, children }: Props) {
  useDocumentTitle(`${title} · Coffer`);
  return (
    <Stack gap="lg">
      <Box>
        {crumbs.length > 0 && (
          <Breadcrumbs component="nav" aria-label="Breadcrumbs" mb={4} separatorMargin={6}>
            {crumbs.map((crumb) => (
              <Anchor key={crumb.to} component={Link} to={crumb.to} size="sm">
                {crumb.label}
              </Anchor>
            ))}
          </Breadcrumbs>
        )}
        <Group justify="space-between" align="center" gap="md">
          <Group gap="sm">
            <Title order={1} size="h2">
              {title}
            </Title>
            {beside}
          </Group>
          {actions && <Group gap="xs">{actions}</Group>}
        </Group>
        {description && (
          <Text c="dimmed" size="sm" mt={4} component="div">
            {description}
          </Text>
        )}
      </Box>
      {children}
    </Stack>
  );
}
