import { Button, Group, Paper, Text } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./action-bar.module.css";

type Props = {
  label: string;
  children: ReactNode;
  clear?: () => void;
  /** The bar is above what it acts on, and stays below the header, rather than below. */
  top?: boolean;
  /** Nothing is selected. */
  idle?: boolean;
};

/** ActionBar stays in view while something is selected, and says what its buttons will act on. */
export function ActionBar({ label, children, clear, top, idle }: Props) {
  return (
    <Paper
      component="section"
      aria-label="Actions on the selection"
      className={classes.bar}
      data-top={top || undefined}
      data-idle={idle || undefined}
      withBorder
      shadow="md"
    >
      <Group justify="space-between" gap="sm">
        <Group gap="xs">
          <Text size="sm" fw={600} aria-live="polite">
            {label}
          </Text>
          {clear && (
            <Button size="compact-xs" variant="subtle" onClick={clear}>
              Clear
            </Button>
          )}
        </Group>
        <Group gap="xs">{children}</Group>
      </Group>
    </Paper>
  );
}
