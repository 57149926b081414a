import { Facts } from "@/ui/facts";
import { TextLink } from "@/ui/link";
import { Count, Email, None, Time } from "@/ui/values";
import { BoxUser, Items, JobSize, Started } from "./job-card";
import { Took } from "./job-info";
import { alsoOf, type Job, kinds, modes, placeOf } from "./words";

/** JobFacts is all that is known of a job. */
export function JobFacts({ job }: { job: Job }) {
  return (
    <Facts
      dense
      of={[
        ["Activity", kinds[job.kind]],
        ["Job label", job.label ?? <None />],
        ["Service", "Box"],
        ["Backup task", <Task key="task" job={job} />],
        ["Box user", <BoxUser key="user" job={job} />],
        ["Backup date", <Time key="taken" at={job.taken} />],
        ["Chosen", job.whole ? "Everything in the snapshot" : "Some of its items"],
        ["Mode", modes[job.mode]],
        ["Also brought back", alsoOf(job)],
        ["Destination", placeOf(job)],
        ...(job.mode === "non_destructive"
          ? ([["New folder", <Target key="target" job={job} />]] as const)
          : []),
        ["Initiator", <Email key="initiator" of={job.initiator} />],
        ["Requested", <Time key="created" at={job.created} />],
        ["Start date", <Started key="started" job={job} />],
        ["End", job.ended ? <Time key="ended" at={job.ended} /> : "Not ended"],
        ["Execution time", <Took key="took" job={job} />],
        ["Total items", <Items key="total" job={job} />],
        ["Restored", <Count key="done" n={job.done} />],
        ["Left as they were", <Count key="skipped" n={job.skipped} />],
        ["Failed", <Count key="failed" n={job.failed} />],
        ["Size", <JobSize key="size" job={job} />],
      ]}
    />
  );
}

function Target({ job: { target } }: { job: Job }) {
  return target ? `Box id ${target}` : "Not made yet";
}

function Task({ job: { task, taskName } }: { job: Job }) {
  return (
    <TextLink to="/tasks/$task" params={{ task }} inherit>
      {taskName}
    </TextLink>
  );
}
