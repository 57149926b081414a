import { Group, Text, TextInput } from "@mantine/core";
import { labelLength, longestLabel } from "./restore";

type Props = { value: string; change: (value: string) => void; error?: string };

/** LabelField asks for the label that tells a job from others, and counts its characters. */
export function LabelField({ value, change, error }: Props) {
  const length = labelLength(value);
  return (
    <TextInput
      label="Job label (optional)"
      description={
        <Group component="span" justify="space-between" gap="xs">
          <span>Tells this job from others on the Jobs page.</span>
          <Text span inherit c={length > longestLabel ? "red" : undefined} className="number">
            {length} of {longestLabel} characters
          </Text>
        </Group>
      }
      value={value}
      onChange={(e) => change(e.currentTarget.value)}
      error={error}
      data-autofocus
    />
  );
}
