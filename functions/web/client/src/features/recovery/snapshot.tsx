import { useQuery } from "@tanstack/react-query";
import { createLazyRoute } from "@tanstack/react-router";
import type { Schema } from "@/lib/api";
import { methodInWords } from "@/lib/backup";
import { boxUserQuery } from "@/lib/box-users.api";
import { dateTime } from "@/lib/format";
import { snapshotQuery } from "@/lib/snapshots.api";
import { taskQuery } from "@/lib/tasks.api";
import { Limited } from "@/ui/limited";
import { Page } from "@/ui/page";
import { Failure, Loading } from "@/ui/states";
import { Status } from "@/ui/status";
import { Time } from "@/ui/values";
import { Disconnected } from "./disconnected";
import { Lacking } from "./lacking";
import { extent } from "./restore";
import { SelectionBar } from "./selection-bar";
import { Tree, type TreeSearch } from "./tree";

/** Opened shows what is in a snapshot, folder by folder, to choose from. */
function Opened() {
  const place = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const task = useQuery(taskQuery(place.task));
  const user = useQuery(boxUserQuery(place.task, place.user));
  const snapshot = useQuery(snapshotQuery(place));
  const change = (to: TreeSearch) =>
    navigate({
      to: ".",
      search: (old) => ({ ...old, cursor: undefined, page: undefined, ...to }),
      replace: true,
    });
  const failed = [task, user, snapshot].filter((q) => q.error && !q.data);
  const taken = snapshot.data && dateTime(snapshot.data.taken);
  return (
    <Page
      title={taken ? `Snapshot of ${taken}` : "Snapshot"}
      crumbs={[
        { label: "Recovery", to: "/recovery" },
        { label: task.data?.name ?? "Backup task", to: `/recovery/${place.task}` },
        { label: user.data?.name ?? "Box user", to: `/recovery/${place.task}/${place.user}` },
      ]}
      beside={snapshot.data && <Status of={snapshot.data.status} />}
      description={snapshot.data && <Holds snapshot={snapshot.data} />}
    >
      {user.data?.locked ? (
        <Limited />
      ) : failed[0] ? (
        <Failure error={failed[0].error} retry={() => failed.map((q) => q.refetch())} />
      ) : task.data && user.data && snapshot.data ? (
        <>
          <Disconnected task={task.data} />
          <Lacking place={place} snapshot={snapshot.data} />
          <Tree place={place} login={user.data.login} search={search} change={change} />
          <SelectionBar task={task.data} user={user.data} hint="Select at least one item to restore it." />
        </>
      ) : (
        <Loading label="Loading the snapshot" />
      )}
    </Page>
  );
}

function Holds({ snapshot }: { snapshot: Schema<"Snapshot"> }) {
  return (
    <>
      {extent({ ...snapshot, bytes: snapshot.size })}, taken <Time at={snapshot.taken} relative />
      <div>
        How changes were found: {methodInWords(snapshot.method)}. {snapshot.why}
      </div>
    </>
  );
}

export const route = createLazyRoute("/portal/recovery/$task/$user/$snapshot")({ component: Opened });
