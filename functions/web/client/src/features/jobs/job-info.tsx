import { duration } from "@/lib/format";
import { Facts } from "@/ui/facts";
import { Info } from "@/ui/info";
import { Count, None, Size, Time } from "@/ui/values";
import { isFinal, type Job, secondsOf, summaryOf, titleOf } from "./words";

/** JobInfo tells in a few lines what the job has cost and done. */
export function JobInfo({ job }: { job: Job }) {
  return (
    <Info label={`About ${titleOf(job)}`} title={titleOf(job)}>
      <Facts
        of={[
          ["Execution time", <ExecutionTime key="time" job={job} />],
          ["Stored data size", <Size key="size" bytes={job.bytes} />],
          ["Number of items", <Count key="items" n={job.total} />],
          ["Summary", summaryOf(job)],
        ]}
      />
    </Info>
  );
}

function ExecutionTime({ job }: { job: Job }) {
  return (
    <>
      <Took job={job} />
      {job.started && ", from "}
      {job.started && <Time at={job.started} />}
    </>
  );
}

/** Took says how long the job took, or takes so far. */
export function Took({ job }: { job: Job }) {
  const seconds = secondsOf(job, new Date());
  if (seconds === undefined) return <None label="Not started" />;
  return `${duration(seconds)}${isFinal(job) ? "" : " so far"}`;
}
