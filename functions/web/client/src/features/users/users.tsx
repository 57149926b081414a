import { Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { createLazyRoute } from "@tanstack/react-router";
import { lazy, useState } from "react";
import { isMoving } from "@/lib/box-users.api";
import { polling } from "@/lib/queries";
import { discovering, type Task } from "@/lib/task";
import { taskQuery } from "@/lib/tasks.api";
import { Filters } from "@/ui/filters";
import { Later } from "@/ui/later";
import { Pager } from "@/ui/pager";
import { SearchField } from "@/ui/search-field";
import { Failure } from "@/ui/states";
import { useAct } from "./act.api";
import type { Action } from "./actions";
import { ActionsBar } from "./actions-bar";
import type { Asked } from "./confirm-action";
import { DeletedUsers } from "./deleted-users";
import { Discovering } from "./discovering";
import { Going } from "./going";
import { useBoxUsers } from "./list-box-users.api";
import { tagsQuery } from "./list-tags.api";
import { NoUsers } from "./no-users";
import { NotActivated } from "./not-activated";
import { type Chosen, choiceOf, howMany, nobody, pickedOf } from "./selection";
import { StatusFilter } from "./status-filter";
import { TagFilter } from "./tag-filter";
import { useTagUsers } from "./tag-users.api";
import type { UsersFilter } from "./users-search";
import { UsersTable } from "./users-table";

const ConfirmAction = lazy(() => import("./confirm-action").then((m) => ({ default: m.ConfirmAction })));
const TagsDialog = lazy(() => import("./tags-dialog").then((m) => ({ default: m.TagsDialog })));

function Page() {
  const { data: task } = useQuery(taskQuery(route.useParams().task));
  if (!task) return null; // the frame shows that it is loading, or why it is not there
  return discovering(task) ? <Discovering task={task} /> : <Users task={task} />;
}

function Users({ task }: { task: Task }) {
  const { q, status, tag, deleted, sort, order, cursor, page } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch, isPlaceholderData } = useBoxUsers(task, {
    q,
    status,
    tag,
    sort,
    order,
    cursor,
  });
  // What is shown of the task keeps up with the rows.
  useQuery({ ...taskQuery(task.id), refetchInterval: data?.items.some(isMoving) && polling.quick });
  const [chosen, choose] = useState<Chosen>(nobody);
  const [asked, ask] = useState<Asked>();
  const act = useAct(task.id);
  const tagUsers = useTagUsers(task.id);
  const [opened, tagging] = useDisclosure(false);
  const { data: tags } = useQuery(tagsQuery(task.id));
  const filter = (to: UsersFilter) => {
    choose(nobody);
    navigate({ search: { q, status, tag, sort, order, ...to }, replace: true });
  };
  const total = data?.total ?? data?.items.length ?? 0;
  const picked = pickedOf(chosen, data?.items ?? [], total);
  const choice = choiceOf(chosen, { q, status, tag });
  const askFor = (action: Action) =>
    ask({
      action,
      n: howMany(chosen, total),
      names: picked.users.map((u) => `${u.name} (${u.login})`),
      choice,
    });
  const filtered = Boolean(q || status || tag);
  return (
    <Stack gap="md">
      <Going of={task} />
      <NotActivated task={task} ask={ask} />
      <Filters
        clear={filtered ? () => filter({ q: undefined, status: undefined, tag: undefined }) : undefined}
      >
        <SearchField label="Search by name or e-mail" value={q} change={(words) => filter({ q: words })} />
        <TagFilter task={task.id} value={tag} change={(to) => filter({ tag: to })} />
        <DeletedUsers
          task={task.id}
          opened={deleted === "shown"}
          show={(shown) =>
            navigate({ search: (old) => ({ ...old, deleted: shown ? "shown" : undefined }), replace: true })
          }
        />
      </Filters>
      <StatusFilter
        counts={data?.byStatus ?? task.users.byStatus}
        value={status}
        change={(to) => filter({ status: to })}
      />
      <ActionsBar
        chosen={chosen}
        choose={choose}
        users={data?.items ?? []}
        total={total}
        ask={askFor}
        tag={tagging.open}
      />
      {error && !data ? (
        <Failure error={error} retry={refetch} />
      ) : (
        <UsersTable
          task={task.id}
          tags={tags}
          users={data?.items}
          chosen={chosen}
          choose={choose}
          stale={isPlaceholderData}
          sorting={{
            sort: sort ?? "name",
            order,
            change: (to) => navigate({ search: { q, status, tag, ...to }, replace: true }),
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
      <Later opened={asked !== undefined}>
        {(there) => (
          <ConfirmAction
            task={task}
            asked={there ? asked : undefined}
            act={act}
            close={() => ask(undefined)}
            done={() => choose(nobody)}
          />
        )}
      </Later>
      <Later opened={opened}>
        {(there) => (
          <TagsDialog
            task={task.id}
            n={howMany(chosen, total)}
            picked={picked}
            choice={choice}
            tag={tagUsers}
            opened={there}
            close={tagging.close}
            removed={(gone) => {
              if (gone !== tag) return;
              tagging.close(); // those selected are no longer listed by it
              filter({ tag: undefined });
            }}
          />
        )}
      </Later>
    </Stack>
  );
}

export const route = createLazyRoute("/portal/tasks/$task/")({ component: Page });
