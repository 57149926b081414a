import { Button } from "@mantine/core";
import { createLazyRoute } from "@tanstack/react-router";
import { Download, History, SearchX } from "lucide-react";
import { DataTable } from "@/ui/data-table";
import { Page } from "@/ui/page";
import { Pager } from "@/ui/pager";
import { Empty, Failure } from "@/ui/states";
import { columns } from "./activity-columns";
import { ActivityFilters } from "./activity-filters";
import type { ActivityFilter } from "./activity-search";
import { csvOf, useActivity } from "./list-activity.api";

function ActivityPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { cursor, page, ...filter } = search;
  const activity = useActivity(search);
  const filtered = Object.values(filter).some((value) => value !== undefined);
  const change = (to: ActivityFilter) => navigate({ search: { ...filter, ...to }, replace: true });
  const clear = filtered ? () => navigate({ search: {}, replace: true }) : undefined;
  const { items, next } = activity.data ?? {};
  return (
    <Page
      title="System Activity"
      description="What Coffer did for this account, newest first: backups, restores and what else it does by itself."
      actions={
        <Button
          component="a"
          href={csvOf(filter)}
          download
          variant="default"
          leftSection={<Download size={15} aria-hidden />}
        >
          Export CSV
        </Button>
      }
    >
      <ActivityFilters filter={filter} change={change} clear={clear} />
      {activity.error ? (
        <Failure error={activity.error} retry={() => activity.refetch()} />
      ) : (
        <DataTable
          label="System Activity"
          columns={columns}
          rows={items}
          rowKey={({ id }) => id}
          stale={activity.isPlaceholderData}
          empty={<Nothing clear={clear} more={next !== undefined} />}
        />
      )}
      {items && (items.length > 0 || next) && (
        <Pager
          cursor={cursor}
          page={page}
          next={next}
          shown={items.length}
          one="activity"
          more="activities"
        />
      )}
    </Page>
  );
}

function Nothing({ clear, more }: { clear?: () => void; more: boolean }) {
  if (!clear)
    return (
      <Empty icon={History} title="Nothing has happened yet">
        Backups and restores are listed here when they have ended.
      </Empty>
    );
  return (
    <Empty
      icon={SearchX}
      title={more ? "Nothing matches so far" : "Nothing matches the filters"}
      action={
        <Button variant="default" mt="sm" onClick={clear}>
          Show all activity
        </Button>
      }
    >
      {more
        ? "The list is long. Go on with “Next” to look at older activity."
        : "What is in progress is listed here when it has ended. Running restores are under Jobs, running backups in their task."}
    </Empty>
  );
}

export const route = createLazyRoute("/portal/activity")({ component: ActivityPage });
