import { Text } from "@mantine/core";
import { ArrowRight } from "lucide-react";
import type { ReactNode } from "react";
import type { BoxUser } from "@/lib/box-users.api";
import type { Sorting } from "@/lib/search";
import { type Column, DataTable } from "@/ui/data-table";
import { limitedHint } from "@/ui/limited";
import { IconLink, TextLink } from "@/ui/link";
import { Email, None, Size, Time } from "@/ui/values";
import type { Tag } from "./list-tags.api";
import { type Chosen, ticked } from "./selection";
import { UserStatus } from "./user-status";
import { UserTags } from "./user-tags";
import type { UserSort } from "./users-search";
import classes from "./users-table.module.css";

type Props = {
  task: string;
  tags: readonly Tag[] | undefined;
  users: readonly BoxUser[] | undefined;
  chosen: Chosen;
  choose: (chosen: Chosen) => void;
  stale: boolean;
  sorting: Sorting<UserSort> & { change: (to: Sorting<UserSort>) => void };
  empty: ReactNode;
};

/** UsersTable lists Box users with the state of their backups. */
export function UsersTable({ task, tags, users, chosen, choose, stale, sorting, empty }: Props) {
  return (
    <DataTable
      label="Box users"
      columns={columns(task, tags ?? [])}
      rows={users}
      rowKey={(u) => u.id}
      selection={{
        selected: ticked(chosen, users?.map((u) => u.id) ?? []),
        change: (ids) => choose({ all: false, ids }),
        label: (u) => u.name,
      }}
      sorting={sorting}
      stale={stale}
      tight
      empty={empty}
    />
  );
}

function columns(task: string, tags: readonly Tag[]): readonly Column<BoxUser, UserSort>[] {
  const params = (u: BoxUser) => ({ task, user: u.id });
  return [
    {
      key: "name",
      header: "User Name",
      sort: "name",
      cell: (u) => (
        <div className={classes.name}>
          <TextLink
            to="/tasks/$task/users/$user"
            params={params(u)}
            size="sm"
            fw={600}
            display="block"
            truncate
            title={u.name}
          >
            {u.name}
          </TextLink>
          <Text size="xs" c="dimmed" className={classes.login}>
            <Email of={u.login} />
          </Text>
        </div>
      ),
    },
    {
      key: "login",
      header: "Email",
      sort: "login",
      cell: (u) => (
        <div className={classes.email}>
          <Email of={u.login} />
        </div>
      ),
      wide: "very", // then it is below the name
    },
    { key: "status", header: "Status", sort: "status", cell: (u) => <UserStatus of={u} /> },
    { key: "tags", header: "Tags", cell: (u) => <UserTags of={u} tags={tags} /> },
    {
      key: "size",
      header: "Backup Size",
      sort: "size",
      align: "right",
      cell: (u) => (u.locked ? <None label={limitedHint} /> : <Size bytes={u.size} />),
    },
    { key: "last", header: "Last Backup Date", sort: "lastBackup", cell: (u) => <Time at={u.lastBackup} /> },
    {
      key: "actions",
      header: "Actions",
      align: "right",
      pinned: true,
      cell: (u) => (
        <IconLink
          to="/tasks/$task/users/$user"
          params={params(u)}
          variant="subtle"
          size="sm"
          aria-label={`Backups of ${u.name}`}
        >
          <ArrowRight size={16} aria-hidden />
        </IconLink>
      ),
    },
  ];
}
