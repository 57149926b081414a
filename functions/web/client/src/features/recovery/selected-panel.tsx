import { Button, CloseButton, Drawer, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { many } from "@/lib/format";
import { kindWord } from "./item-name";
import classes from "./recovery.module.css";
import { useSelection } from "./scope";
import { inWords, nothing, remove } from "./selection";

const step = 100;

/** SelectedPanel lists what is selected, with where it is, and lets remove it. */
export function SelectedPanel({ opened, close }: { opened: boolean; close: () => void }) {
  const { selection, select } = useSelection();
  const [shown, setShown] = useState(step);
  const items = [...selection.items];
  const drop = (key: string) => {
    if (items.length === 1) close();
    select(remove(selection, key));
  };
  return (
    <Drawer
      opened={opened}
      onClose={close}
      position="right"
      title={inWords(selection)}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack gap="xs" component="ul" p={0} m={0} aria-label="Selected items">
        {items.slice(0, shown).map(([key, { name, kind, within }]) => (
          <Group key={key} component="li" justify="space-between" wrap="nowrap" gap="xs">
            <div>
              <Text size="sm" className={classes.breaking}>
                {name}
              </Text>
              <Text size="xs" c="dimmed" className={classes.breaking}>
                {kindWord(kind)} in {["All Files", ...within.map((f) => f.name)].join(" / ")}
              </Text>
            </div>
            <CloseButton size="sm" aria-label={`Remove ${name}`} onClick={() => drop(key)} />
          </Group>
        ))}
      </Stack>
      <Group mt="md" gap="xs">
        {items.length > shown && (
          <Button size="xs" variant="default" onClick={() => setShown(shown + step)}>
            Show {many(Math.min(step, items.length - shown), "more", "more")}
          </Button>
        )}
        <Button
          size="xs"
          variant="default"
          onClick={() => {
            close();
            select(nothing);
          }}
        >
          Remove all
        </Button>
      </Group>
    </Drawer>
  );
}
