import { Alert, Button, Group, Skeleton, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { CircleAlert, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { toProblem } from "@/lib/problem";
import { ButtonLink } from "./link";

/** Loading stands in for content that has not come yet. */
export function Loading({ rows = 4, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <Stack gap="sm" role="status" aria-label={label} aria-busy>
      {[90, 73, 56, 79, 62].slice(0, rows).map((width) => (
        <Skeleton key={width} height={18} width={`${width}%`} />
      ))}
    </Stack>
  );
}

type EmptyProps = { icon: LucideIcon; title: string; children?: ReactNode; action?: ReactNode };

/** Empty says that there is nothing, why, and what to do about it. */
export function Empty({ icon: Icon, title, children, action }: EmptyProps) {
  return (
    <Stack align="center" gap="xs" py={48} px="md" ta="center">
      <ThemeIcon variant="light" size={48} radius="xl" aria-hidden>
        <Icon size={24} />
      </ThemeIcon>
      <Title order={2} size="h4">
        {title}
      </Title>
      {children && (
        <Text c="dimmed" maw={460}>
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}

/** Failure shows what went wrong where the person is looking, with a way to try again. */
export function Failure({ error, retry, title }: { error: unknown; retry?: () => void; title?: string }) {
  const problem = toProblem(error);
  const stale = problem.field("cursor") !== undefined;
  return (
    <Alert
      role="alert"
      color="red"
      variant="light"
      icon={<CircleAlert size={18} aria-hidden />}
      title={title ?? (problem.status === 404 ? "This does not exist" : "This could not be loaded")}
    >
      <Group justify="space-between" gap="sm">
        <Text size="sm">
          {stale ? "This page of the list belongs to an earlier session." : problem.message}
        </Text>
        {stale ? (
          <ButtonLink
            size="xs"
            variant="default"
            to="."
            search={(old: object) => ({ ...old, cursor: undefined, page: undefined })}
            replace
          >
            First page
          </ButtonLink>
        ) : (
          retry && (
            <Button size="xs" variant="default" onClick={retry}>
              Try again
            </Button>
          )
        )}
      </Group>
    </Alert>
  );
}

/** Refused shows why an action did not work, next to its button; nothing while there is no error. */
export function Refused({ error }: { error: unknown }) {
  if (!error) return null;
  return (
    <Alert role="alert" color="red" variant="light" icon={<CircleAlert size={18} aria-hidden />}>
      {toProblem(error).message}
    </Alert>
  );
}
