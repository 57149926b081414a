import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { createLazyRoute } from "@tanstack/react-router";
import { useState } from "react";
import { boxUserQuery } from "@/lib/box-users.api";
import { archivedUntil } from "@/lib/task";
import { taskQuery } from "@/lib/tasks.api";
import { Limited } from "@/ui/limited";
import { Page } from "@/ui/page";
import { Loading } from "@/ui/states";
import { Status } from "@/ui/status";
import { useAct } from "./act.api";
import { type Asked, ConfirmAction } from "./confirm-action";
import { Damaged } from "./damaged";
import { Failures } from "./failures";
import { Held } from "./held";
import { HistorySection } from "./history-section";
import { MissingUser } from "./missing-user";
import { Snapshots } from "./snapshots";
import { State } from "./state";
import { UserActions } from "./user-actions";
import { UserFacts } from "./user-facts";

function User() {
  const { task: taskId, user: userId } = route.useParams();
  const { failures, from, to, cursor, page } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: task } = useQuery(taskQuery(taskId));
  const { data: user, error, refetch } = useQuery(boxUserQuery(taskId, userId));
  const act = useAct(taskId);
  const [asked, ask] = useState<Asked>();
  return (
    <Page
      title={user?.name ?? "Box user"}
      crumbs={[
        { label: "Homepage", to: "/" },
        { label: task?.name ?? "Backup task", to: `/tasks/${taskId}` },
      ]}
      beside={user && <Status of={user.status} />}
      description={user?.login}
      actions={user && <UserActions task={taskId} user={user} ask={ask} />}
    >
      {error && !user && <MissingUser task={taskId} id={userId} act={act} error={error} retry={refetch} />}
      {!error && !user && <Loading label="Loading the Box user" />}
      {user && (
        <Stack gap="lg">
          <Damaged user={user} />
          <State task={taskId} user={user} until={task && archivedUntil(task, user)} />
          <Held user={user} ask={ask} />
          {user.locked && <Limited />}
          <UserFacts task={task} user={user} />
          {!user.locked && (
            <>
              <HistorySection
                task={taskId}
                user={user}
                from={from}
                to={to}
                change={(days) =>
                  navigate({ search: (old) => ({ ...old, ...days }), replace: true, resetScroll: false })
                }
              />
              {failures && (
                <Failures
                  key={failures}
                  task={taskId}
                  user={user}
                  snapshot={failures}
                  close={() =>
                    navigate({
                      search: (old) => ({ ...old, failures: undefined }),
                      replace: true,
                      resetScroll: false,
                    })
                  }
                />
              )}
              <Snapshots task={taskId} user={user} cursor={cursor} page={page} />
            </>
          )}
        </Stack>
      )}
      {task && <ConfirmAction task={task} asked={asked} act={act} close={() => ask(undefined)} />}
    </Page>
  );
}

export const route = createLazyRoute("/portal/tasks/$task/users/$user")({ component: User });
