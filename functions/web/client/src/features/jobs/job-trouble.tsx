import { Alert, Button, List, Stack, Text } from "@mantine/core";
import { CircleAlert } from "lucide-react";
import { count } from "@/lib/format";
import { useJobItems } from "./list-job-items.api";
import { reasonsOf } from "./reasons";
import { isTrouble, type Job, summaryOf } from "./words";

const most = 200;

/** JobTrouble says first of all what failed and why, where a job did not do all that it was for. */
export function JobTrouble({ job, show }: { job: Job; show: () => void }) {
  if (!isTrouble(job)) return null;
  const failed = job.status === "Failed";
  return (
    <Alert
      color={failed ? "red" : "yellow"}
      variant="light"
      icon={<CircleAlert size={18} aria-hidden />}
      title={failed ? "This restore failed" : "Some items could not be restored"}
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{job.reason ?? summaryOf(job)}</Text>
        {job.failed > 0 && <Reasons job={job} />}
        {job.failed > 0 && (
          <Button size="xs" variant="default" onClick={show}>
            Show the failed items
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

function Reasons({ job }: { job: Job }) {
  const { data } = useJobItems(job, { outcome: "failed", limit: most });
  if (!data) return null;
  return (
    <>
      <List size="sm" withPadding spacing={4}>
        {reasonsOf(data.items).map(({ reason, names, items }) => (
          <List.Item key={reason}>
            {reason}{" "}
            <Text span inherit fs="italic">
              {names.join(", ")}
              {items > names.length && ` and ${count(items - names.length)} more`}
            </Text>
          </List.Item>
        ))}
      </List>
      {data.next && <Text size="sm">These are the reasons of the first {most} failed items.</Text>}
    </>
  );
}
