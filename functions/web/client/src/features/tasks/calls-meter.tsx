import { Progress, Stack, Text } from "@mantine/core";
import { count } from "@/lib/format";
import { Day } from "@/ui/values";
import { type Calls, load } from "./calls";
import classes from "./calls-meter.module.css";

/** CallsMeter shows how many Box calls a task has made this month, of how many, and what the month will come to. */
export function CallsMeter({ of: calls }: { of: Calls }) {
  const { used, forecast, ceiling, stoppedUntil } = calls;
  const share = load(calls);
  const beyond = ceiling > 0 && forecast > ceiling;
  const color = stoppedUntil ? "red" : beyond ? "yellow" : "brand";
  return (
    <Stack gap={2} className={classes.meter}>
      <span className={classes.numbers}>{share ? `${count(used)} of ${count(ceiling)}` : count(used)}</span>
      {share && (
        <Progress.Root size="sm">
          <Progress.Section
            value={Math.max(1, share.used * 100)}
            color={color}
            withAria={false} // which would say a percentage in place of the words
            role="progressbar"
            aria-valuemin={0}
            aria-valuemax={ceiling}
            aria-valuenow={Math.min(used, ceiling)}
            aria-label="Box calls of the month"
            aria-valuetext={`${count(used)} of ${count(ceiling)}, about ${count(forecast)} by the month's end`}
          />
          <Progress.Section
            value={(share.forecast - share.used) * 100}
            color={color}
            opacity={0.35}
            withAria={false}
          />
        </Progress.Root>
      )}
      <Text size="xs" c="dimmed" component="div">
        {stoppedUntil ? (
          <>
            The ceiling is reached; continues on <Day at={stoppedUntil} />
          </>
        ) : (
          `About ${count(forecast)} by the month's end${beyond ? ", more than the ceiling" : ""}`
        )}
      </Text>
    </Stack>
  );
}
