import { RangeSlider } from "@mantine/core";
import { useState } from "react";
import { dayAt, dayInWords, reach, widest } from "./history";
import classes from "./history.module.css";

type Props = { range: [number, number]; change: (range: [number, number]) => void; now: Date };

/** HistoryRange sets the first and the last day of the chart. */
export function HistoryRange({ range, change, now }: Props) {
  const [moved, move] = useState(range);
  const [reported, report] = useState(range);
  if (range.join() !== reported.join()) {
    // The address changed by itself: the back button, or a link.
    report(range);
    move(range);
  }
  const say = (place: number) => dayInWords(dayAt(place, now), { year: true });
  const places = [0, 29, 59, reach - 1];
  return (
    <div>
      <RangeSlider
        min={0}
        max={reach - 1}
        minRange={1}
        maxRange={widest - 1}
        value={moved}
        onChange={move}
        onChangeEnd={(to) => {
          report(to);
          change(to);
        }}
        label={(place) => dayInWords(dayAt(place, now))}
        thumbFromLabel="First day"
        thumbToLabel="Last day"
        thumbValueText={say}
        size="sm"
      />
      <div className={classes.ends} aria-hidden>
        {places.map((place) => (
          <span key={place}>{dayInWords(dayAt(place, now))}</span>
        ))}
      </div>
    </div>
  );
}
