import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { createLazyRoute } from "@tanstack/react-router";
import { taskQuery } from "@/lib/tasks.api";
import { ConnectionCheck } from "./connection-check";
import { ConnectionSection } from "./connection-section";
import { ConnectOutcome } from "./outcome";
import { SettingsForm } from "./settings-form";

function Settings() {
  const { task: id } = route.useParams();
  const { connect } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: task } = useQuery(taskQuery(id));
  if (!task) return null; // the frame shows that it is loading, or why it is not there
  return (
    <Stack gap="lg" maw={820}>
      {connect && (
        <ConnectOutcome of={connect} task={task} close={() => navigate({ search: {}, replace: true })} />
      )}
      <ConnectionSection task={task} />
      <ConnectionCheck task={task} />
      <SettingsForm task={task} />
    </Stack>
  );
}

export const route = createLazyRoute("/portal/tasks/$task/settings")({ component: Settings });
