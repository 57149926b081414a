import { useQuery } from "@tanstack/react-query";
import { createLazyRoute } from "@tanstack/react-router";
import { Users } from "lucide-react";
import { taskQuery } from "@/lib/tasks.api";
import { DataTable } from "@/ui/data-table";
import { FilterChoice, Filters } from "@/ui/filters";
import { Page } from "@/ui/page";
import { Pager } from "@/ui/pager";
import { SearchField } from "@/ui/search-field";
import { Empty, Failure } from "@/ui/states";
import { Disconnected } from "./disconnected";
import { userColumns } from "./user-columns";
import { type UsersSearch, useBackedUp } from "./users.api";

const statuses = ["Success", "Partial", "Failed", "Scheduled", "In Process", "Paused", "Archived"] as const;

function BackedUp() {
  const { task: id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const task = useQuery(taskQuery(id));
  const { data, error, refetch, isPlaceholderData } = useBackedUp(id, search);
  const change = (to: UsersSearch) =>
    navigate({
      to: ".",
      search: (old) => ({ ...old, cursor: undefined, page: undefined, ...to }),
      replace: true,
    });
  const filtered = Boolean(search.q || search.status);
  const clear = () => change({ q: undefined, status: undefined });
  const failed = task.data ? undefined : task.error;
  return (
    <Page
      title={task.data?.name ?? "Backup task"}
      crumbs={[{ label: "Recovery", to: "/recovery" }]}
      description="Choose the Box user whose files you want to bring back."
    >
      {task.data && <Disconnected task={task.data} />}
      <Filters clear={filtered ? clear : undefined}>
        <SearchField label="Search Box users" value={search.q} change={(q) => change({ q })} />
        <FilterChoice
          label="Status"
          all={statuses.map((s) => ({ value: s, label: s }))}
          value={search.status}
          change={(status) => change({ status })}
        />
      </Filters>
      {failed || (error && !data) ? (
        <Failure error={failed ?? error} retry={() => [task.refetch(), refetch()]} />
      ) : (
        <>
          <DataTable
            label="Box users with a backup"
            columns={userColumns(id)}
            rows={data?.items}
            rowKey={(u) => u.id}
            sorting={{ sort: search.sort ?? "name", order: search.order, change }}
            stale={isPlaceholderData}
            empty={<None filtered={filtered} />}
          />
          {data && (
            <Pager {...search} next={data.next} total={data.total} shown={data.items.length} one="Box user" />
          )}
        </>
      )}
    </Page>
  );
}

function None({ filtered }: { filtered: boolean }) {
  if (filtered)
    return (
      <Empty icon={Users} title="No Box user matches">
        Search for a part of the name or e-mail address, or clear the filters.
      </Empty>
    );
  return (
    <Empty icon={Users} title="No Box user has a backup yet">
      A Box user is listed here as soon as the first backup of that user is done, and stays here when the
      backup is paused or archived.
    </Empty>
  );
}

export const route = createLazyRoute("/portal/recovery/$task")({ component: BackedUp });
