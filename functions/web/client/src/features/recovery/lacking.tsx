import { Alert, Button, Collapse, Group, Loader, ScrollArea, Table, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { CircleAlert } from "lucide-react";
import type { Schema } from "@/lib/api";
import { failuresFile, folderOf, useFailures } from "@/lib/failures.api";
import { count, many } from "@/lib/format";
import type { Place } from "@/lib/snapshots.api";
import { Failure } from "@/ui/states";
import { kindWord } from "./item-name";
import classes from "./recovery.module.css";

/** Lacking lists what a Partial snapshot does not have, and why; nothing where it has everything. */
export function Lacking({ place, snapshot: { failed } }: { place: Place; snapshot: Schema<"Snapshot"> }) {
  const [opened, toggle] = useDisclosure(false);
  const list = useFailures(place, opened);
  if (failed === 0) return null;
  return (
    <Alert
      color="yellow"
      variant="light"
      icon={<CircleAlert size={18} aria-hidden />}
      title={`${many(failed, "item")} could not be backed up`}
    >
      <Text size="sm">The next backup tries again. All else is here and can be restored.</Text>
      <Group gap="xs" mt="xs">
        <Button size="compact-sm" variant="default" onClick={toggle.toggle} aria-expanded={opened}>
          {opened ? "Hide the list" : "Show the list"}
        </Button>
        <Button size="compact-sm" variant="default" component="a" href={failuresFile(place)} download>
          Export CSV
        </Button>
      </Group>
      <Collapse expanded={opened}>
        {list.error && !list.failures ? (
          <Failure error={list.error} retry={list.refetch} />
        ) : list.failures ? (
          <Failures all={list.failures} />
        ) : (
          <Loader size="sm" mt="xs" aria-label="Loading the list" />
        )}
        {list.hasNextPage && (
          <Button
            size="compact-sm"
            variant="default"
            mt="xs"
            onClick={() => list.fetchNextPage()}
            loading={list.isFetchingNextPage}
          >
            Show {count(list.more)} more
          </Button>
        )}
      </Collapse>
    </Alert>
  );
}

function Failures({ all }: { all: readonly Schema<"Failure">[] }) {
  return (
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
            <Table.Th>Folder</Table.Th>
            <Table.Th>Reason</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {all.map((f) => (
            <Table.Tr key={`${f.kind} ${f.id}`}>
              <Table.Td className={classes.breaking}>{f.name ?? `${kindWord(f.kind)} ${f.id}`}</Table.Td>
              <Table.Td className={classes.breaking}>{folderOf(f)}</Table.Td>
              <Table.Td>{f.reason}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea.Autosize>
  );
}
