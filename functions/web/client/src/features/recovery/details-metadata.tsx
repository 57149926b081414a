import { Stack, Text } from "@mantine/core";
import { Facts } from "@/ui/facts";
import { None } from "@/ui/values";
import type { Details } from "./details.api";
import { Part } from "./details-part";
import { fieldValue, fieldWord, scopeWord } from "./details-words";

/** DetailsMetadata is what an item has of metadata templates. */
export function DetailsMetadata({ of: { metadata } }: { of: Details }) {
  if (metadata.length === 0) return null;
  return (
    <Part title="Metadata">
      <Stack gap="sm">
        {metadata.map(({ scope, template, fields }) => (
          <div key={`${scope} ${template}`}>
            <Text size="sm" fw={600}>
              {fieldWord(template)}
            </Text>
            <Text size="xs" c="dimmed" mb={4}>
              {scopeWord(scope)}
            </Text>
            <Facts
              dense
              of={Object.entries(fields).map(
                ([key, value]) => [fieldWord(key), fieldValue(value) || <None key={key} />] as const,
              )}
            />
          </div>
        ))}
      </Stack>
    </Part>
  );
}
