import { Alert, Group, List, Stack, Text } from "@mantine/core";
import { CircleAlert, CircleCheck, CircleX } from "lucide-react";
import { count, many } from "@/lib/format";
import { type Column, DataTable } from "@/ui/data-table";
import { Email, Time } from "@/ui/values";
import classes from "./check-result.module.css";
import type { Preflight } from "./check-task.api";

const names: Record<Preflight["scopes"][number]["name"], string> = {
  read: "Read files and folders",
  manage_users: "List the Box users",
  as_user: "Act as each Box user",
  enterprise_events: "Read the enterprise's events",
  manage_groups: "Read the groups",
  write: "Write files and folders, for restores",
};

/** CheckResult says what a connection allows, what is missing and what to do, and who is not reached. */
export function CheckResult({ of: { ok, checked, scopes, users } }: { of: Preflight }) {
  const Icon = ok ? CircleCheck : CircleAlert;
  return (
    <Stack gap="md">
      <Alert
        role="status"
        color={ok ? "green" : "yellow"}
        icon={<Icon size={18} aria-hidden />}
        title={ok ? "Backups have all that they need" : "Something is missing"}
      >
        {many(users.reachable, "Box user")} of {count(users.total)} can be reached
        {users.notChecked > 0 && `; there was no time to check ${count(users.notChecked)}`}. Checked{" "}
        <Time at={checked} />.
      </Alert>
      <List listStyleType="none" spacing="xs" aria-label="Permissions" className={classes.scopes}>
        {scopes.map((scope) => (
          <List.Item key={scope.name}>
            <Permission of={scope} />
          </List.Item>
        ))}
      </List>
      {users.unreachable.length > 0 && (
        <DataTable
          label="Box users who cannot be reached"
          columns={columns}
          rows={users.unreachable}
          rowKey={(u) => u.id}
        />
      )}
    </Stack>
  );
}

function Permission({ of: { name, ok, needed, message } }: { of: Preflight["scopes"][number] }) {
  const [Icon, color, state] = ok
    ? [CircleCheck, "green", "allowed"]
    : needed
      ? [CircleX, "red", "missing, and needed"]
      : [CircleAlert, "yellow", "missing, but not needed for backups"];
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <Icon size={17} aria-hidden color={`var(--mantine-color-${color}-light-color)`} />
      <div>
        <Text size="sm" fw={600}>
          {names[name]}: <span className={classes.state}>{state}</span>
        </Text>
        {message && <Text size="sm">{message}</Text>}
      </div>
    </Group>
  );
}

const columns: readonly Column<Preflight["users"]["unreachable"][number]>[] = [
  { key: "name", header: "Not reached", cell: (u) => u.name },
  { key: "login", header: "Email", cell: (u) => <Email of={u.login} />, wide: true },
  { key: "reason", header: "Reason", cell: (u) => u.reason },
];
