import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { count, many } from "@/lib/format";
import { Facts } from "@/ui/facts";
import { TextLink } from "@/ui/link";
import { Status } from "@/ui/status";
import { Email, None, Size, Time } from "@/ui/values";
import { CancelJob } from "./cancel-job";
import { JobInfo } from "./job-info";
import { JobProgress } from "./job-progress";
import { ViewLog } from "./view-log";
import { handled, isFinal, isTrouble, type Job, placeOf, summaryOf, titleOf } from "./words";

/** JobCard is a job in the list: what and whose it is, how it stands, and what can be done about it. */
export function JobCard({ job, known }: { job: Job; known: number }) {
  return (
    <Paper component="article" withBorder px="md" py="sm" aria-label={titleOf(job)}>
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Group gap="xs">
            <Title order={2} size="h4">
              <TextLink to="/jobs/$job" params={{ job: job.id }} inherit>
                {titleOf(job)}
              </TextLink>
            </Title>
            <JobInfo job={job} />
            <Status of={job.status} />
          </Group>
          <Group gap="xs">
            <CancelJob job={job} />
            <ViewLog job={job} />
          </Group>
        </Group>
        <JobProgress job={job} known={known} />
        {isTrouble(job) && <Text size="sm">{job.reason ?? summaryOf(job)}</Text>}
        <Facts
          dense
          of={[
            ["Service", "Box"],
            ["Box user", <BoxUser key="user" job={job} />],
            ["Start date", <Started key="start" job={job} />],
            ["Backup date", <Time key="taken" at={job.taken} />],
            ["Initiator", <Email key="initiator" of={job.initiator} />],
            ["Destination", placeOf(job)],
            ["Total items", <Items key="items" job={job} />],
            ["Size", <JobSize key="size" job={job} />],
          ]}
        />
      </Stack>
    </Paper>
  );
}

/** BoxUser is whose items the job is for. */
export function BoxUser({ job }: { job: Job }) {
  return (
    <>
      {job.userName}
      <Text c="dimmed" size="xs" component="span" display="block">
        <Email of={job.userLogin} />
      </Text>
    </>
  );
}

/** Started is when the work on the job began. */
export function Started({ job }: { job: Job }) {
  return job.started ? <Time at={job.started} /> : "Not started";
}

/** JobSize is how much the job is for, and while it is in progress how much of that is done. */
export function JobSize({ job }: { job: Job }) {
  if (job.total === 0) return <None label="Not counted yet" />;
  if (job.bytes >= job.totalBytes) return <Size bytes={job.bytes} />;
  return (
    <>
      <Size bytes={job.bytes} /> of <Size bytes={job.totalBytes} />
    </>
  );
}

/** Items is how many items the job is for and how many of them it is through with. */
export function Items({ job }: { job: Job }) {
  if (job.total === 0) return <None label="Not counted yet" />;
  const through = handled(job);
  return isFinal(job) && through === job.total
    ? many(through, "item")
    : `${count(through)} of ${count(job.total)}`;
}
