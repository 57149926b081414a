import { Tooltip } from "@mantine/core";
import { count, many } from "@/lib/format";
import { backedUp, dayInWords, kinds, top } from "./history";
import type { Day } from "./history.api";
import classes from "./history.module.css";

/** HistoryChart shows in a column for each day how many items were new or changed. */
export function HistoryChart({ days, stale }: { days: readonly Day[]; stale: boolean }) {
  const end = top(days);
  const [first, last] = [days[0]?.date, days.at(-1)?.date];
  return (
    <div className={classes.chart}>
      <div className={classes.scale} aria-hidden>
        {[end, end / 2, 0].map((n) => (
          <span key={n}>{count(n)}</span>
        ))}
      </div>
      <div className={classes.plot} role="img" aria-label={inWords(days)} data-stale={stale || undefined}>
        {days.map((day) => (
          <Tooltip key={day.date} label={<Tip of={day} />} openDelay={0} events={events}>
            <div className={classes.day} data-day={day.date}>
              {parts(day).map(({ key, n }) => (
                <div
                  key={key}
                  className={classes.part}
                  style={{ height: `${(n / end) * 100}%`, background: `var(--${key})` }}
                />
              ))}
            </div>
          </Tooltip>
        ))}
      </div>
      <div className={classes.ends} aria-hidden>
        {first && <span>{dayInWords(first)}</span>}
        {last && last !== first && <span>{dayInWords(last)}</span>}
      </div>
      <div className={classes.legend} aria-hidden>
        {kinds.map(({ key, label }) => (
          <span key={key}>
            <i style={{ background: `var(--${key})` }} /> {label}
          </span>
        ))}
      </div>
    </div>
  );
}

const events = { hover: true, focus: false, touch: true };

/** parts are the parts of a day's column from below. */
function parts(day: Day) {
  return kinds.map(({ key, label }) => ({ key, label, n: day[key] })).filter(({ n }) => n > 0);
}

function Tip({ of: day }: { of: Day }) {
  return (
    <>
      <strong>{dayInWords(day.date, { year: true })}</strong>
      <br />
      {day.runs === 0 ? "No backup" : many(backedUp(day), "item backed up", "items backed up")}
      {day.failed > 0 && (
        <>
          <br />
          {many(day.failed, "failure")}
        </>
      )}
      <dl className={classes.tip}>
        {parts(day).map(({ key, label, n }) => [
          <dt key={key}>{label}</dt>,
          <dd key={`${key} n`}>{count(n)}</dd>,
        ])}
      </dl>
    </>
  );
}

/** inWords says what the chart shows to those who do not see it; the table says it day by day. */
function inWords(days: readonly Day[]): string {
  const all = days.reduce((sum, day) => sum + backedUp(day), 0);
  const most = days.reduce((a, b) => (backedUp(b) > backedUp(a) ? b : a), days[0] as Day);
  const where = most && backedUp(most) > 0 ? `, most of them on ${dayInWords(most.date)}` : "";
  return `Items backed up in ${many(days.length, "day")}: ${count(all)}${where}`;
}
