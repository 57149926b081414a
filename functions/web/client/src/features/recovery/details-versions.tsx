import { Group, Text } from "@mantine/core";
import { Size, Time } from "@/ui/values";
import type { Details } from "./details.api";
import { Part } from "./details-part";
import classes from "./recovery.module.css";

/** DetailsVersions lists the past versions of a file that a snapshot has. */
export function DetailsVersions({ of: { versions } }: { of: Details }) {
  if (versions.length === 0) return null;
  return (
    <Part title="Past versions">
      <ul className={classes.rows}>
        {versions.map((v) => (
          <li key={v.id}>
            <Group justify="space-between" gap="xs" wrap="nowrap" align="baseline">
              <Text size="sm" className={classes.breaking}>
                {v.number ? `${v.number}. ` : ""}
                {v.name}
              </Text>
              {v.state === "absent" ? <Text size="sm">Not backed up</Text> : <Size bytes={v.size} />}
            </Group>
            <Text size="xs" c="dimmed">
              {v.modified && <Time at={v.modified} />}
              {v.modifiedBy && ` by ${v.modifiedBy}`}
            </Text>
          </li>
        ))}
      </ul>
    </Part>
  );
}
