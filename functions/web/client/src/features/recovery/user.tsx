import { Radio, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { createLazyRoute } from "@tanstack/react-router";
import { boxUserQuery } from "@/lib/box-users.api";
import { taskQuery } from "@/lib/tasks.api";
import { Limited } from "@/ui/limited";
import { Page } from "@/ui/page";
import { Failure, Loading } from "@/ui/states";
import { Status } from "@/ui/status";
import { Disconnected } from "./disconnected";
import { ItemSearch } from "./item-search";
import classes from "./recovery.module.css";
import { SnapshotList } from "./snapshot-list";

/** Archive offers the two ways to find what to restore of a Box user. */
function Archive() {
  const { task: taskId, user: userId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const task = useQuery(taskQuery(taskId));
  const user = useQuery(boxUserQuery(taskId, userId));
  const error = (!task.data && task.error) || (!user.data && user.error);
  const change = (to: typeof search) =>
    navigate({
      to: ".",
      search: (old) => ({ ...old, cursor: undefined, page: undefined, ...to }),
      replace: true,
    });
  const owner = task.data && user.data && { task: task.data, user: user.data };
  return (
    <Page
      title={user.data?.name ?? "Box user"}
      crumbs={[
        { label: "Recovery", to: "/recovery" },
        { label: task.data?.name ?? "Backup task", to: `/recovery/${taskId}` },
      ]}
      beside={user.data && <Status of={user.data.status} />}
      description={user.data && <About login={user.data.login} status={user.data.status} />}
    >
      {task.data && <Disconnected task={task.data} />}
      {user.data?.locked && <Limited />}
      {!user.data?.locked && (
        <Radio.Group
          label="How do you want to find what to restore?"
          value={search.via ?? "snapshot"}
          onChange={(via) => change({ via: via === "search" ? "search" : undefined })}
        >
          <Stack gap="xs" mt="xs">
            <Radio
              value="snapshot"
              label="Via Snapshot"
              classNames={{ description: classes.description }}
              description="Choose a backup by its date. Restore all of it, or open it and choose from its folders."
            />
            <Radio
              value="search"
              label="Via Item Search"
              classNames={{ description: classes.description }}
              description="Look for files, folders and web links by their names."
            />
          </Stack>
        </Radio.Group>
      )}
      {user.data?.locked ? null : error ? (
        <Failure error={error} retry={() => [task.refetch(), user.refetch()]} />
      ) : !owner ? (
        <Loading label="Loading the archive" />
      ) : search.via === "search" ? (
        <ItemSearch {...owner} search={search} change={change} />
      ) : (
        <SnapshotList {...owner} search={search} change={change} />
      )}
    </Page>
  );
}

function About({ login, status }: { login: string; status: string }) {
  if (status !== "Paused" && status !== "Archived") return login;
  return `${login}. This backup is ${status.toLowerCase()}; what it has can be browsed and restored as before.`;
}

export const route = createLazyRoute("/portal/recovery/$task/$user/")({ component: Archive });
