import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { createLazyRoute } from "@tanstack/react-router";
import { useState } from "react";
import { isMoving } from "@/lib/box-users.api";
import { polling } from "@/lib/queries";
import { discovering, type Task } from "@/lib/task";
import { taskQuery } from "@/lib/tasks.api";
import { Filters } from "@/ui/filters";
import { Pager } from "@/ui/pager";
import { SearchField } from "@/ui/search-field";
import { Failure } from "@/ui/states";
import { useAct } from "./act.api";
import type { Action } from "./actions";
import { ActionsBar } from "./actions-bar";
import { type Asked, ConfirmAction } from "./confirm-action";
import { Discovering } from "./discovering";
import { useBoxUsers } from "./list-box-users.api";
import { NoUsers } from "./no-users";
import { NotActivated } from "./not-activated";
import { Refusals } from "./refusals";
import { type Chosen, choiceOf, howMany, nobody } from "./selection";
import { StatusFilter } from "./status-filter";
import type { UsersFilter } from "./users-search";
import { UsersTable } from "./users-table";

function Page() {
  const { data: task } = useQuery(taskQuery(route.useParams().task));
  if (!task) return null; // the frame shows that it is loading, or why it is not there
  return discovering(task) ? <Discovering task={task} /> : <Users task={task} />;
}

function Users({ task }: { task: Task }) {
  const { q, status, sort, order, cursor, page } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch, isPlaceholderData } = useBoxUsers(task, { q, status, sort, order, cursor });
  // The counts of the statuses keep up with the rows.
  useQuery({ ...taskQuery(task.id), refetchInterval: data?.items.some(isMoving) && polling.quick });
  const [chosen, choose] = useState<Chosen>(nobody);
  const [asked, ask] = useState<Asked>();
  const act = useAct(task.id);
  const filter = (to: UsersFilter) => {
    choose(nobody);
    navigate({ search: { q, status, sort, order, ...to }, replace: true });
  };
  const total = data?.total ?? data?.items.length ?? 0;
  const askFor = (action: Action) =>
    ask({ action, n: howMany(chosen, total), choice: choiceOf(chosen, { q, status }) });
  const filtered = Boolean(q || status);
  return (
    <Stack gap="md">
      <NotActivated task={task} ask={ask} />
      <Refusals of={act.data?.refused} close={act.reset} />
      <Filters clear={filtered ? () => filter({ q: undefined, status: undefined }) : undefined}>
        <SearchField label="Search by name or e-mail" value={q} change={(words) => filter({ q: words })} />
      </Filters>
      <StatusFilter task={task} value={status} change={(to) => filter({ status: to })} />
      <ActionsBar chosen={chosen} choose={choose} users={data?.items ?? []} total={total} ask={askFor} />
      {error && !data ? (
        <Failure error={error} retry={refetch} />
      ) : (
        <UsersTable
          task={task.id}
          users={data?.items}
          chosen={chosen}
          choose={choose}
          stale={isPlaceholderData}
          sorting={{
            sort: sort ?? "name",
            order,
            change: (to) => navigate({ search: { q, status, ...to }, replace: true }),
          }}
          empty={<NoUsers task={task} filtered={filtered} />}
        />
      )}
      {data && (
        <Pager
          cursor={cursor}
          page={page}
          next={data.next}
          total={data.total}
          shown={data.items.length}
          one="Box user"
        />
      )}
      <ConfirmAction
        task={task}
        asked={asked}
        act={act}
        close={() => ask(undefined)}
        done={() => choose(nobody)}
      />
    </Stack>
  );
}

export const route = createLazyRoute("/portal/tasks/$task/")({ component: Page });
