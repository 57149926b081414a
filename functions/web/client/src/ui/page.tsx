import { Anchor, Box, Breadcrumbs, Group, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

/** Crumb is a step on the way to a page; its address is one inside the portal. */
export type Crumb = { label: string; to: string };

type Props = {
  title: string;
  /** What the browser's tab says where it is not the title alone. */
  document?: string;
  crumbs?: readonly Crumb[];
  /** Beside the title: a state, a rename button. */
  beside?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
};

/** Page is the frame of every page: its way, title, actions and content. The title is also the document's. */
export function Page(props: Props) {
  const { title, document = title, crumbs = [], beside, description, actions, children } = props;
  useDocumentTitle(`${document} · Coffer`);
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
        <Group justify="space-between" gap="md">
          <Box flex="1 1 320px">
            <Group gap="sm">
              <Title order={1} size="h2">
                {title}
              </Title>
              {beside}
            </Group>
            {description && (
              <Text c="dimmed" size="sm" mt={4} component="div">
                {description}
              </Text>
            )}
          </Box>
          {actions && <Group gap="xs">{actions}</Group>}
        </Group>
      </Box>
      {children}
    </Stack>
  );
}
