import { Checkbox, SimpleGrid } from "@mantine/core";
import { type Part, parts } from "./restore";

const words: Record<Part, [string, string]> = {
  comments: ["Comments", "With who wrote them and when in their text."],
  metadata: ["Metadata", "With classifications."],
  versions: ["Previous versions", "Those that Box no longer has. Needs more Box calls."],
  sharing: ["Sharing", "Collaborations, shared links and open tasks. Other people learn of it."],
};

type Props = { value: readonly Part[]; change: (include: Part[]) => void };

/** RestoreAlso asks what to bring back besides folders, files and web links. */
export function RestoreAlso({ value, change }: Props) {
  return (
    <Checkbox.Group
      label="Also bring back"
      description="As far as it was backed up."
      value={[...value]}
      onChange={(to) => change(parts.filter((part) => to.includes(part)))}
    >
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" mt="xs">
        {parts.map((part) => (
          <Checkbox key={part} value={part} label={words[part][0]} description={words[part][1]} />
        ))}
      </SimpleGrid>
    </Checkbox.Group>
  );
}
