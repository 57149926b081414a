import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { createLazyRoute } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { taskQuery } from "@/lib/tasks.api";
import { Loading } from "@/ui/states";
import { ConnectionCheck } from "./connection-check";
import { ConnectionSection } from "./connection-section";
import { ConnectOutcome } from "./outcome";

/** The form is loaded after the connection, whose state is looked for first. */
const SettingsForm = lazy(() => import("./settings-form").then((m) => ({ default: m.SettingsForm })));

function Settings() {
  const { task: id } = route.useParams();
  const { connect, app } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: task } = useQuery(taskQuery(id));
  if (!task) return null; // the frame shows that it is loading, or why it is not there
  return (
    <Stack gap="lg" maw={820}>
      {connect && (
        <ConnectOutcome of={connect} task={task} close={() => navigate({ search: {}, replace: true })} />
      )}
      <ConnectionSection
        task={task}
        app={app === "shown"}
        showApp={(shown) =>
          navigate({
            search: (old) => ({ ...old, app: shown ? "shown" : undefined }),
            replace: true,
            resetScroll: false,
          })
        }
      />
      <ConnectionCheck task={task} />
      <Suspense fallback={<Loading label="Loading the settings" />}>
        <SettingsForm task={task} />
      </Suspense>
    </Stack>
  );
}

export const route = createLazyRoute("/portal/tasks/$task/settings")({ component: Settings });
