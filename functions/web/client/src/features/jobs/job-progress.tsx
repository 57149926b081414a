import { Text } from "@mantine/core";
import { WorkProgress } from "@/ui/progress";
import { isFinal, type Job, progressOf, titleOf, workOf } from "./words";

/** JobProgress shows how far a job has come until it has ended. Known is when the server said so, in milliseconds. */
export function JobProgress({ job, known }: { job: Job; known: number }) {
  if (isFinal(job)) return null;
  if (job.status === "Pending")
    return (
      <Text size="sm" c="dimmed">
        {progressOf(job)}
      </Text>
    );
  return (
    <WorkProgress
      work={workOf(job, new Date(known))}
      label={`Progress of ${titleOf(job)}`}
      detail={progressOf(job)}
    />
  );
}
