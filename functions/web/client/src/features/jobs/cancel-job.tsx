import { Button, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { Ban } from "lucide-react";
import { many, size } from "@/lib/format";
import { Confirm } from "@/ui/confirm";
import { useCancelJob, useIsCanceling } from "./cancel-job.api";
import { handled, isFinal, type Job, titleOf } from "./words";

/** CancelJob stops a job that has not ended, after asking. */
export function CancelJob({ job }: { job: Job }) {
  const [opened, dialog] = useDisclosure(false);
  const cancel = useCancelJob(job.id);
  const canceling = useIsCanceling(job.id);
  if (isFinal(job)) return null;
  const run = () =>
    cancel.mutate(undefined, {
      onSuccess: () => {
        dialog.close();
        notifications.show({ message: `“${titleOf(job)}” stops in a moment.` });
      },
    });
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<Ban size={14} aria-hidden />}
        disabled={canceling}
        aria-label={canceling ? undefined : `Cancel ${titleOf(job)}`}
        onClick={dialog.open}
      >
        {canceling ? "Cancelling…" : "Cancel"}
      </Button>
      <Confirm
        opened={opened}
        close={dialog.close}
        title="Cancel this job?"
        action="Cancel the job"
        dismiss="Let it go on"
        danger
        run={run}
        pending={cancel.isPending}
        error={cancel.error}
      >
        <Text size="sm">{consequence(job)}</Text>
      </Confirm>
    </>
  );
}

function consequence(job: Job): string {
  const left = many(job.total - handled(job), "item");
  if (job.total === 0) return "Nothing has been restored yet, and nothing will be.";
  if (job.done === 0)
    return `None of ${left} has been restored yet. What is restored before the job stops stays at Box.`;
  return `What was restored so far stays at Box: ${many(job.done, "item")}, ${size(job.bytes)}. The other ${left} will not be restored.`;
}
