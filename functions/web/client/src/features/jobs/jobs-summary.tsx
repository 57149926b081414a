import { SimpleGrid, Skeleton, UnstyledButton } from "@mantine/core";
import { CircleAlert, CircleCheck, RefreshCw } from "lucide-react";
import type { Schema } from "@/lib/api";
import { Count, None } from "@/ui/values";
import { writeStatuses } from "./jobs-search";
import classes from "./jobs-summary.module.css";

const groups = [
  {
    key: "inProgress",
    label: "In progress",
    icon: RefreshCw,
    status: writeStatuses(["In progress", "Pending"]),
  },
  {
    key: "succeeded",
    label: "Successfully completed",
    icon: CircleCheck,
    status: writeStatuses(["Succeeded"]),
  },
  {
    key: "partialOrFailed",
    label: "Partially succeeded or failed",
    icon: CircleAlert,
    status: writeStatuses(["Partially succeeded", "Failed"]),
  },
] as const;

type Props = {
  summary: Schema<"Summary"> | undefined;
  loading: boolean;
  status: string | undefined;
  change: (status: string | undefined) => void;
};

/** JobsSummary counts the jobs of the last 7 days; each count shows its jobs when pressed, and all when released. */
export function JobsSummary({ summary, loading, status, change }: Props) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
      {groups.map(({ key, label, icon: Icon, status: own }) => (
        <UnstyledButton
          key={key}
          className={classes.group}
          data-group={key}
          aria-pressed={status === own}
          onClick={() => change(status === own ? undefined : own)}
        >
          <Icon size={20} aria-hidden className={classes.icon} />
          {loading ? (
            <Skeleton width={28} height={24} component="span" />
          ) : (
            <span className={classes.count}>
              {summary ? <Count n={summary[key]} /> : <None label="Unknown" />}
            </span>
          )}
          <span className={classes.label}>{label}</span>
        </UnstyledButton>
      ))}
    </SimpleGrid>
  );
}
