import { Text } from "@mantine/core";
import { ArrowRight, Lock } from "lucide-react";
import type { Schema } from "@/lib/api";
import type { Column } from "@/ui/data-table";
import { limitedHint } from "@/ui/limited";
import { IconLink, TextLink } from "@/ui/link";
import { Status } from "@/ui/status";
import { None, Size, Time } from "@/ui/values";
import type { UserKey } from "./users.api";

type User = Schema<"BoxUser">;

/** userColumns are the columns of the Box users of a task, who lead on to their archives. */
export function userColumns(task: string): readonly Column<User, UserKey>[] {
  return [
    {
      key: "name",
      header: "User",
      sort: "name",
      cell: (u) => (
        <>
          {u.locked ? (
            <Text span inherit fw={600}>
              {u.name}
            </Text>
          ) : (
            <TextLink to="/recovery/$task/$user" params={{ task, user: u.id }} fw={600} inherit>
              {u.name}
            </TextLink>
          )}
          <Text size="xs" c="dimmed">
            {u.login}
          </Text>
          {u.locked && (
            <Text size="xs" c="dimmed">
              <Lock size={11} aria-hidden /> {limitedHint}
            </Text>
          )}
          <Text size="xs" c="dimmed" hiddenFrom="sm">
            {u.status}, last backup <Time at={u.lastBackup} />
          </Text>
        </>
      ),
    },
    { key: "status", header: "Status", sort: "status", wide: true, cell: (u) => <Status of={u.status} /> },
    {
      key: "firstBackup",
      header: "First backup",
      sort: "firstBackup",
      wide: true,
      cell: (u) => <Time at={u.firstBackup} />,
    },
    {
      key: "lastBackup",
      header: "Last backup",
      sort: "lastBackup",
      wide: true,
      cell: (u) => <Time at={u.lastBackup} />,
    },
    {
      key: "size",
      header: "Size",
      sort: "size",
      align: "right",
      wide: true,
      cell: (u) => (u.locked ? <None label={limitedHint} /> : <Size bytes={u.size} />),
    },
    {
      key: "action",
      header: "Action",
      cell: (u) =>
        u.locked ? (
          <None label={limitedHint} />
        ) : (
          <IconLink
            to="/recovery/$task/$user"
            params={{ task, user: u.id }}
            variant="subtle"
            aria-label={`Open the archive of ${u.name}`}
          >
            <ArrowRight size={17} aria-hidden />
          </IconLink>
        ),
    },
  ];
}
