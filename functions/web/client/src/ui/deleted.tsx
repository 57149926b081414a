import { Button, Modal, Stack, Text } from "@mantine/core";
import { Trash2, Undo2 } from "lucide-react";
import { daysLeft } from "@/lib/format";
import { type Column, DataTable } from "./data-table";
import { Empty, Failure, Refused } from "./states";
import { Time } from "./values";

/** Gone is something that was deleted and can be brought back for some days. */
export type Gone = { id: string; name: string; deleted?: string; deletedUntil?: string };

type Props = {
  opened: boolean;
  close: () => void;
  /** What they are: "backup tasks". */
  what: string;
  rows: readonly Gone[] | undefined;
  error: unknown;
  retry: () => void;
  undo: (row: Gone) => void;
  /** The id of what is being brought back. */
  undoing: string | undefined;
  refused: unknown;
};

/** DeletedDialog lists what was deleted of late, with the way back and how long it is open. */
export function DeletedDialog(props: Props) {
  const { opened, close, what, rows, error, retry, undo, undoing, refused } = props;
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
            empty={<Empty icon={Trash2} title="Nothing was deleted in the last 7 days" />}
          />
        )}
      </Stack>
    </Modal>
  );
}

function columns(undo: (row: Gone) => void, undoing: string | undefined): readonly Column<Gone>[] {
  return [
    { key: "name", header: "Name", cell: (row) => row.name },
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
          loading={undoing === row.id}
          onClick={() => undo(row)}
          aria-label={`Undo the deletion of ${row.name}`}
        >
          Undo
        </Button>
      ),
    },
  ];
}
