import { Text } from "@mantine/core";
import { count } from "@/lib/format";
import { Info } from "@/ui/info";
import { byPurpose, type Calls } from "./calls";
import classes from "./calls-info.module.css";

/** CallsInfo shows what the Box calls of a month were for. */
export function CallsInfo({ of: calls }: { of: Calls }) {
  const purposes = byPurpose(calls);
  const most = purposes[0]?.[1] ?? 1;
  return (
    <Info label="What the Box calls are for" title="Box calls of this month">
      {purposes.length === 0 && <Text size="sm">None yet.</Text>}
      <dl className={classes.bars}>
        {purposes.map(([purpose, n]) => (
          <div key={purpose}>
            <dt>{purpose}</dt>
            <dd>
              <svg width={`${Math.max(2, (n / most) * 100)}%`} height="8" aria-hidden>
                <rect width="100%" height="8" rx="2" />
              </svg>
              <span className="number">{count(n)}</span>
            </dd>
          </div>
        ))}
      </dl>
    </Info>
  );
}
