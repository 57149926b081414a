import { NumberInput, SimpleGrid } from "@mantine/core";
import { Section } from "@/ui/section";
import { type Fields, most } from "./settings-values";

/** SettingsLimits is how much a task may ask of Box. */
export function SettingsLimits({ form }: { form: Fields }) {
  const order = ["label", "input", "description", "error"] as const;
  return (
    <Section
      title="Limits"
      lead="Box sells a number of calls a month to each enterprise; other programs may need some of them."
    >
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <NumberInput
          label="Monthly ceiling of Box calls"
          placeholder="As many as it takes"
          description="Backups stop before it is crossed, and go on when the next month begins (UTC)."
          inputWrapperOrder={[...order]}
          min={0}
          max={most.ceiling}
          clampBehavior="none"
          allowDecimal={false}
          thousandSeparator
          hideControls
          {...form.getInputProps("ceiling")}
        />
        <NumberInput
          label="Box users backed up at a time"
          placeholder="The usual number"
          description="Fewer are gentler to Box, more are faster."
          inputWrapperOrder={[...order]}
          min={0}
          max={most.concurrency}
          clampBehavior="none"
          allowDecimal={false}
          hideControls
          {...form.getInputProps("concurrency")}
        />
      </SimpleGrid>
    </Section>
  );
}
