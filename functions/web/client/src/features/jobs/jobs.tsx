import { Box, Button, Stack } from "@mantine/core";
import { createLazyRoute } from "@tanstack/react-router";
import { ListChecks, SearchX } from "lucide-react";
import { ButtonLink, TextLink } from "@/ui/link";
import { Page } from "@/ui/page";
import { Pager } from "@/ui/pager";
import { Empty, Failure, Loading } from "@/ui/states";
import { JobCard } from "./job-card";
import { JobsFilters } from "./jobs-filters";
import type { JobsSearch } from "./jobs-search";
import { JobsSummary } from "./jobs-summary";
import { useJobs } from "./list-jobs.api";

function Jobs() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const jobs = useJobs(search);
  const { cursor, page, order, ...filter } = search;
  const filtered = Object.values(filter).some((value) => value !== undefined);
  const change = (to: Partial<JobsSearch>) =>
    navigate({ search: { ...filter, order, ...to }, replace: true });
  const clear = filtered ? () => navigate({ search: { order }, replace: true }) : undefined;
  return (
    <Page title="Jobs" description={<Lead />}>
      <JobsSummary
        summary={jobs.data?.summary}
        loading={jobs.isPending}
        status={search.status}
        change={(status) => change({ status })}
      />
      <JobsFilters search={search} initiators={jobs.data?.initiators ?? []} change={change} clear={clear} />
      {jobs.error && <Failure error={jobs.error} retry={() => jobs.refetch()} />}
      {jobs.isPending && <Loading label="Loading the jobs" />}
      {jobs.data?.items.length === 0 && <Nothing clear={clear} />}
      {jobs.data && jobs.data.items.length > 0 && (
        <>
          <Stack gap="sm" aria-busy={jobs.isPlaceholderData} opacity={jobs.isPlaceholderData ? 0.55 : 1}>
            {jobs.data.items.map((job) => (
              <JobCard key={job.id} job={job} known={jobs.dataUpdatedAt} />
            ))}
          </Stack>
          <Pager
            cursor={cursor}
            page={page}
            next={jobs.data.next}
            total={jobs.data.total}
            shown={jobs.data.items.length}
            one="job"
          />
        </>
      )}
    </Page>
  );
}

function Lead() {
  return (
    <>
      Restores of the last 7 days. How the backups go is shown on the{" "}
      <TextLink to="/" inherit underline="always">
        Homepage
      </TextLink>
      , in each backup task.
    </>
  );
}

function Nothing({ clear }: { clear?: () => void }) {
  if (clear)
    return (
      <Box role="status">
        <Empty
          icon={SearchX}
          title="No job matches the filters"
          action={
            <Button variant="default" mt="sm" onClick={clear}>
              Show all jobs
            </Button>
          }
        >
          Only the jobs of the last 7 days are listed here. Older ones are in Activity.
        </Empty>
      </Box>
    );
  return (
    <Empty
      icon={ListChecks}
      title="No jobs in the last 7 days"
      action={
        <ButtonLink to="/recovery" mt="sm">
          Go to Recovery
        </ButtonLink>
      }
    >
      A restore that is started in Recovery is shown here, with its progress and what became of each item.
    </Empty>
  );
}

export const route = createLazyRoute("/portal/jobs")({ component: Jobs });
