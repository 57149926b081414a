import { duration } from "@/lib/format";
import { Facts } from "@/ui/facts";
import { Info } from "@/ui/info";
import { Count, Size, Time } from "@/ui/values";
import type { Activity } from "./list-activity.api";

/** ActivityInfo tells more about an activity than fits into its row. */
export function ActivityInfo({ activity }: { activity: Activity }) {
  const { kind, item, at, seconds, bytes, records, description } = activity;
  return (
    <Info label={item ? `About ${kind} of ${item}` : `About ${kind}`} title={kind}>
      <Facts
        of={[
          [
            "Execution time",
            <span key="time">
              {duration(seconds)}, ended <Time at={at} />
            </span>,
          ],
          ["Data size", <Size key="size" bytes={bytes} />],
          ["Number of records", <Count key="records" n={records} />],
          ["Description", description],
        ]}
      />
    </Info>
  );
}
