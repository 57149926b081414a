import { History } from "lucide-react";
import { daysBefore } from "@/lib/days";
import { ButtonLink } from "@/ui/link";
import { type Job, titleOf } from "./words";

/** ViewLog leads to what the activity list says about the job's Box user since the job began. */
export function ViewLog({ job }: { job: Job }) {
  const from = daysBefore(0, new Date(job.created));
  return (
    <ButtonLink
      to="/activity"
      search={{ kind: "Restore", task: job.task, q: job.userLogin, from }}
      size="xs"
      variant="default"
      leftSection={<History size={14} aria-hidden />}
      aria-label={`View log of ${titleOf(job)}`}
    >
      View log
    </ButtonLink>
  );
}
