import { Group, UnstyledButton } from "@mantine/core";
import { count } from "@/lib/format";
import { type BoxUserStatus, statuses } from "@/lib/task";
import { Status } from "@/ui/status";
import classes from "./status-filter.module.css";

type Props = {
  /** How many there are of each. */
  counts: Readonly<Record<string, number>>;
  value: BoxUserStatus | undefined;
  change: (status: BoxUserStatus | undefined) => void;
};

/** StatusFilter shows how many Box users have each status, and filters by one of them. */
export function StatusFilter({ counts, value, change }: Props) {
  return (
    <Group gap={4} className={classes.all} role="group" aria-label="Status">
      {statuses.map((status) => {
        const n = counts[status] ?? 0;
        return (
          <UnstyledButton
            key={status}
            className={classes.status}
            aria-pressed={value === status}
            data-none={n === 0 || undefined}
            onClick={() => change(value === status ? undefined : status)}
          >
            <Status of={status} /> <span className="number">{count(n)}</span>
          </UnstyledButton>
        );
      })}
    </Group>
  );
}
