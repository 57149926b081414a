import { Text, TextInput } from "@mantine/core";

type Props = {
  /** "From" or "To". */
  label: string;
  value: string | undefined;
  change: (day: string | undefined) => void;
  min?: string;
  max?: string;
};

/** FilterDay filters by a day such as 2026-11-23, in the viewer's zone. */
export function FilterDay({ label, value, change, min, max }: Props) {
  return (
    <TextInput
      type="date"
      size="xs"
      w={160}
      aria-label={`${label} day`}
      leftSection={
        <Text size="xs" c="dimmed" aria-hidden>
          {label}
        </Text>
      }
      leftSectionWidth={44}
      value={value ?? ""}
      min={min}
      max={max}
      onChange={(e) => change(e.currentTarget.value || undefined)}
    />
  );
}
