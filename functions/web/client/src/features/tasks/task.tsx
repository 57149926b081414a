import { useQuery } from "@tanstack/react-query";
import { createLazyRoute, Outlet, useMatchRoute } from "@tanstack/react-router";
import { RotateCcw } from "lucide-react";
import { taskQuery } from "@/lib/tasks.api";
import { ButtonLink } from "@/ui/link";
import { Page } from "@/ui/page";
import { Loading } from "@/ui/states";
import { Connection } from "./connection";
import { Damage } from "./damage";
import { Lapsing } from "./lapsing";
import { MissingTask } from "./missing-task";
import { Overdue } from "./overdue";
import { Rename } from "./rename";
import { Summary } from "./summary";
import { TaskTabs } from "./task-tabs";

/** Frame is what the pages of one backup task have in common. */
function Frame() {
  const { task: id } = route.useParams();
  const { data: task, error, refetch } = useQuery(taskQuery(id));
  const settings = useMatchRoute()({ to: "/tasks/$task/settings" });
  const name = task?.name ?? "Backup task";
  return (
    <Page
      title={name}
      document={settings ? `Settings of ${name}` : `Box users of ${name}`}
      description={task && (task.enterprise ? `Box · ${task.enterprise.name}` : "Box · not connected yet")}
      crumbs={[{ label: "Homepage", to: "/" }]}
      beside={
        task && (
          <>
            <Rename task={task} />
            <Connection of={task} />
          </>
        )
      }
      actions={
        task && (
          <ButtonLink
            variant="default"
            to="/recovery/$task"
            params={{ task: task.id }}
            leftSection={<RotateCcw size={15} aria-hidden />}
          >
            Recovery
          </ButtonLink>
        )
      }
    >
      {error && !task && <MissingTask id={id} error={error} retry={refetch} />}
      {!error && !task && <Loading label="Loading the backup task" />}
      {task && (
        <>
          <Damage of={task} />
          <Lapsing of={task} />
          <Overdue of={task} />
          <Summary of={task} />
          <TaskTabs task={id} />
          <Outlet />
        </>
      )}
    </Page>
  );
}

export const route = createLazyRoute("/portal/tasks/$task")({ component: Frame });
