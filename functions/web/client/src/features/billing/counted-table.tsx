import { Anchor, Table } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Schema } from "@/lib/api";
import { Count } from "@/ui/values";
import classes from "./billing.module.css";

type Props = { tasks: readonly Schema<"Task">[]; label: string };

/** CountedTable lists the counted Box users of each backup task, and their sum. */
export function CountedTable({ tasks, label }: Props) {
  const sum = (of: (users: Schema<"Totals">) => number) => tasks.reduce((n, t) => n + of(t.users), 0);
  return (
    <Table aria-label={label} className={classes.table}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col" className={classes.wide}>
            Service
          </Table.Th>
          <Table.Th scope="col">Backup task</Table.Th>
          <Table.Th scope="col">Box users</Table.Th>
          <Table.Th scope="col">Counted</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {tasks.map((t) => (
          <Table.Tr key={t.id}>
            <Table.Td className={classes.wide}>Box</Table.Td>
            <Table.Th scope="row">
              <Anchor component={Link} to={`/tasks/${t.id}`} inherit>
                {t.name}
              </Anchor>
            </Table.Th>
            <Table.Td>
              <Count n={t.users.total} />
            </Table.Td>
            <Table.Td>
              <Count n={t.users.active} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
      <Table.Tfoot>
        <Table.Tr>
          <Table.Td className={classes.wide} />
          <Table.Th scope="row">Total</Table.Th>
          <Table.Td>
            <Count n={sum((u) => u.total)} />
          </Table.Td>
          <Table.Td>
            <Count n={sum((u) => u.active)} />
          </Table.Td>
        </Table.Tr>
      </Table.Tfoot>
    </Table>
  );
}
