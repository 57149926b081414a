import { Box, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { Trash2, Undo2 } from "lucide-react";
import { useState } from "react";
import { count, daysLeft } from "@/lib/format";
import { type Column, DataTable } from "./data-table";
import { Empty, Failure, Refused } from "./states";
import { Email, Time } from "./values";

/** Gone is something that was deleted and can be brought back for some days. */
export type Gone = { id: string; name: string; login?: string; deleted?: string; deletedUntil?: string };

type Props = {
  opened: boolean;
  close: () => void;
  /** What they are: "backup tasks". */
  what: string;
  rows: readonly Gone[] | undefined;
  error: unknown;
  retry: () => void;
  undo: (rows: readonly Gone[]) => void;
  /** The ids of what is being brought back. */
  undoing: readonly string[];
  refused: unknown;
};

/** DeletedDialog lists what was deleted of late, with the way back and how long it is open. */
export function DeletedDialog(props: Props) {
  const { opened, close, what, rows, error, retry, undo, undoing, refused } = props;
  const [ticked, tick] = useState<ReadonlySet<string>>(new Set());
  const chosen = rows?.filter((row) => ticked.has(row.id)) ?? [];
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={`Recently deleted ${what}`}
      size="xl"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          What was deleted can be brought back for 7 days, with all its backups. Then it is removed for good.
        </Text>
        <Refused error={refused} />
        {error && !rows ? (
          <Failure error={error} retry={retry} />
        ) : (
          <DataTable
            label={`Recently deleted ${what}`}
            columns={columns(undo, undoing)}
            rows={rows}
            rowKey={(row) => row.id}
            selection={{ selected: ticked, change: tick, label: (row) => row.name }}
            empty={<Empty icon={Trash2} title="Nothing was deleted in the last 7 days" />}
          />
        )}
        {chosen.length > 1 && (
          <Group justify="flex-end">
            <Button
              leftSection={<Undo2 size={15} aria-hidden />}
              loading={undoing.length > 1}
              onClick={() => undo(chosen)}
            >
              Undo all {count(chosen.length)} that are selected
            </Button>
          </Group>
        )}
      </Stack>
    </Modal>
  );
}

function columns(undo: (rows: readonly Gone[]) => void, undoing: readonly string[]): readonly Column<Gone>[] {
  return [
    { key: "name", header: "Name", cell: (row) => <Name of={row} /> },
    { key: "deleted", header: "Deleted", cell: (row) => <Time at={row.deleted} />, wide: true },
    {
      key: "left",
      header: "Time left",
      cell: (row) => (row.deletedUntil ? daysLeft(row.deletedUntil, new Date()) : null),
    },
    {
      key: "undo",
      header: "Actions",
      align: "right",
      cell: (row) => (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Undo2 size={14} aria-hidden />}
          loading={undoing.length === 1 && undoing[0] === row.id}
          onClick={() => undo([row])}
          aria-label={`Undo the deletion of ${row.name}`}
        >
          Undo
        </Button>
      ),
    },
  ];
}

function Name({ of: { name, login } }: { of: Gone }) {
  return (
    <Box miw={110} className="breaks">
      {name}
      {login && (
        <Text size="xs" c="dimmed">
          <Email of={login} />
        </Text>
      )}
    </Box>
  );
}
