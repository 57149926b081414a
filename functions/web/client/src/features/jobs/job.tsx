import { Text } from "@mantine/core";
import { createLazyRoute } from "@tanstack/react-router";
import { FolderSearch } from "lucide-react";
import { ButtonLink } from "@/ui/link";
import { Page } from "@/ui/page";
import { Section } from "@/ui/section";
import { Failure, Loading } from "@/ui/states";
import { Status } from "@/ui/status";
import { CancelJob } from "./cancel-job";
import { useJob } from "./get-job.api";
import { JobFacts } from "./job-facts";
import { JobProgress } from "./job-progress";
import type { JobSearch } from "./job-search";
import { JobTrouble } from "./job-trouble";
import { Ledger } from "./ledger";
import { ViewLog } from "./view-log";
import { isFinal, type Job, storyOf, summaryOf, titleOf } from "./words";

const crumbs = [{ label: "Jobs", to: "/jobs" }];

function JobPage() {
  const { job: id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data: job, error, refetch, dataUpdatedAt } = useJob(id);
  const change = (to: Partial<JobSearch>) =>
    navigate({ search: { outcome: search.outcome, ...to }, replace: true, resetScroll: false });
  const failure = error && <Failure error={error} retry={() => refetch()} />;
  if (!job)
    return (
      <Page title="Job" crumbs={crumbs}>
        {failure ?? <Loading label="Loading the job" />}
      </Page>
    );
  return (
    <Page
      title={titleOf(job)}
      crumbs={crumbs}
      beside={
        <span aria-live="polite">
          <Status of={job.status} />
        </span>
      }
      actions={<Actions job={job} />}
    >
      {failure}
      <JobTrouble job={job} show={() => change({ outcome: "failed" })} />
      <Section title={isFinal(job) ? "What happened" : "What happens"} lead={storyOf(job)}>
        <JobProgress job={job} known={dataUpdatedAt} />
        {isFinal(job) && <Text size="sm">{summaryOf(job)}</Text>}
        <JobFacts job={job} />
      </Section>
      <Ledger job={job} search={search} change={change} />
    </Page>
  );
}

function Actions({ job }: { job: Job }) {
  return (
    <>
      <CancelJob job={job} />
      <ViewLog job={job} />
      <ButtonLink
        to="/recovery/$task/$user/$snapshot"
        params={{ task: job.task, user: job.user, snapshot: job.snapshot }}
        size="xs"
        variant="default"
        leftSection={<FolderSearch size={14} aria-hidden />}
      >
        Open the snapshot
      </ButtonLink>
    </>
  );
}

export const route = createLazyRoute("/portal/jobs/$job")({ component: JobPage });
