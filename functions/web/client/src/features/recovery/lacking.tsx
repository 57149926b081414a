import { Alert, Button, Collapse, ScrollArea, Table, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { CircleAlert } from "lucide-react";
import type { Schema } from "@/lib/api";
import { many } from "@/lib/format";
import { kindWord } from "./item-name";
import classes from "./recovery.module.css";

/** Lacking lists what a Partial snapshot does not have, and why; nothing where it has everything. */
export function Lacking({ snapshot }: { snapshot: Schema<"SnapshotDetails"> }) {
  const [opened, list] = useDisclosure(false);
  if (snapshot.failed === 0) return null;
  const { failures, failed } = snapshot;
  return (
    <Alert
      color="yellow"
      variant="light"
      icon={<CircleAlert size={18} aria-hidden />}
      title={`${many(failed, "item")} could not be backed up`}
    >
      <Text size="sm">The next backup tries again. All else is here and can be restored.</Text>
      <Button size="compact-sm" variant="default" mt="xs" onClick={list.toggle} aria-expanded={opened}>
        {opened ? "Hide the list" : "Show the list"}
      </Button>
      <Collapse expanded={opened}>
        <ScrollArea.Autosize
          mah={320}
          mt="xs"
          viewportProps={{
            tabIndex: 0,
            role: "region",
            "aria-label": "Items that could not be backed up, table",
          }}
        >
          <Table fz="sm" aria-label="Items that could not be backed up">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Item</Table.Th>
                <Table.Th>Reason</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {failures.map((f) => (
                <Table.Tr key={`${f.kind} ${f.id}`}>
                  <Table.Td className={classes.breaking}>{f.name ?? `${kindWord(f.kind)} ${f.id}`}</Table.Td>
                  <Table.Td>{f.reason}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea.Autosize>
        {failed > failures.length && (
          <Text size="sm" c="dimmed" mt="xs">
            The first {many(failures.length, "item")} of these are listed.
          </Text>
        )}
      </Collapse>
    </Alert>
  );
}
