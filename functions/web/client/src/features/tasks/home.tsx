import { useQuery } from "@tanstack/react-query";
import { createLazyRoute } from "@tanstack/react-router";
import { Plus, SearchX } from "lucide-react";
import { allTasks } from "@/lib/tasks.api";
import { Filters } from "@/ui/filters";
import { ButtonLink } from "@/ui/link";
import { Page } from "@/ui/page";
import { Pager } from "@/ui/pager";
import { SearchField } from "@/ui/search-field";
import { Empty, Failure } from "@/ui/states";
import { AllDeleted } from "./all-deleted";
import { DeletedButton, DeletedTasks, deletedQuery } from "./deleted-tasks";
import { useTasks } from "./list-tasks.api";
import { Astray } from "./outcome";
import { Reminders } from "./reminders";
import { TaskTable } from "./task-table";
import { UsageReport } from "./usage-report";
import { Welcome } from "./welcome";

function Home() {
  const { q, sort, order, cursor, page, connect, deleted } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch, isPlaceholderData } = useTasks({ q, sort, order, cursor });
  const part = Boolean(q || cursor || data?.next);
  const all = useQuery({ ...allTasks, enabled: part });
  const search = (to: { q?: string }) =>
    navigate({ search: (old) => ({ ...old, ...to, cursor: undefined, page: undefined }), replace: true });
  const first = data?.items.length === 0 && !q && !cursor && !isPlaceholderData;
  const gone = useQuery({ ...deletedQuery, enabled: first });
  const n = gone.data?.items.length ?? 0;
  const show = (shown: boolean) =>
    navigate({ search: (old) => ({ ...old, deleted: shown ? "shown" : undefined }), replace: true });
  return (
    <Page
      title="Homepage"
      actions={
        !first && (
          <>
            <UsageReport />
            <ButtonLink to="/tasks/new" leftSection={<Plus size={16} aria-hidden />}>
              Add Backup Task
            </ButtonLink>
          </>
        )
      }
    >
      {connect && (
        <Astray
          of={connect}
          close={() => navigate({ search: (old) => ({ ...old, connect: undefined }), replace: true })}
        />
      )}
      {first ? (
        <>
          {!gone.isPending && (n > 0 ? <AllDeleted n={n} show={() => show(true)} /> : <Welcome />)}
          {n === 0 && <DeletedButton show={() => show(true)} />}
        </>
      ) : (
        <>
          {data && <Reminders tasks={(part && all.data?.items) || data.items} />}
          <Filters clear={q ? () => search({ q: undefined }) : undefined}>
            <SearchField label="Search backup tasks" value={q} change={(words) => search({ q: words })} />
            <DeletedButton show={() => show(true)} />
          </Filters>
          {error && !data ? (
            <Failure error={error} retry={refetch} />
          ) : (
            <TaskTable
              tasks={data?.items}
              stale={isPlaceholderData}
              sorting={{
                sort: sort ?? "name",
                order,
                change: (to) => navigate({ search: { q, ...to }, replace: true }),
              }}
              empty={
                <Empty icon={SearchX} title="No backup task matches">
                  No task's name or Box enterprise contains “{q}”.
                </Empty>
              }
            />
          )}
          {data && (
            <Pager
              cursor={cursor}
              page={page}
              next={data.next}
              total={data.total}
              shown={data.items.length}
              one="backup task"
            />
          )}
        </>
      )}
      <DeletedTasks opened={deleted === "shown"} show={show} />
    </Page>
  );
}

export const route = createLazyRoute("/portal/")({ component: Home });
