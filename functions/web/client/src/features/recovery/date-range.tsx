import { Button, Group, TextInput } from "@mantine/core";
import { daysBefore } from "@/lib/days";
import { day } from "@/lib/search";

/** Range is some days, first and last included; open where one is missing. */
export type Range = { from?: string; to?: string };

type Props = Range & { wrong: boolean; change: (to: Range) => void };

/** DateRange asks for the days on which something may have changed. */
export function DateRange({ from, to, wrong, change }: Props) {
  const now = new Date();
  const presets = [
    ["Last 7 days", daysBefore(6, now)],
    ["Last 30 days", daysBefore(29, now)],
    ["All", undefined],
  ] as const;
  return (
    <Group gap="sm" align="flex-start" role="search" aria-label="Days">
      <TextInput
        type="date"
        size="xs"
        label="Data changed from"
        value={from ?? ""}
        onChange={(e) => change({ from: day(e.currentTarget.value), to })}
      />
      <TextInput
        type="date"
        size="xs"
        label="To"
        value={to ?? ""}
        error={wrong && "This day is before the first one."}
        onChange={(e) => change({ from, to: day(e.currentTarget.value) })}
      />
      <Group gap={6} pt={{ base: 0, xs: 21 }}>
        {presets.map(([label, first]) => {
          const set = from === first && !to;
          return (
            <Button
              key={label}
              size="xs"
              variant={set ? "light" : "default"}
              aria-pressed={set}
              onClick={() => change({ from: first, to: undefined })}
            >
              {label}
            </Button>
          );
        })}
      </Group>
    </Group>
  );
}
