import { Alert, Select, SimpleGrid, Switch, Text } from "@mantine/core";
import { CircleAlert } from "lucide-react";
import { hourUTC } from "@/lib/format";
import { frequencies, hoursInWords, localHour } from "@/lib/schedule";
import { Section } from "@/ui/section";
import { Fixed } from "./fixed";
import type { Fields } from "./settings-values";

const hours = Array.from({ length: 24 }, (_, h) => ({ value: String(h), label: hourUTC(h) }));

/** SettingsSchedule is whom a task backs up by itself, when, and where to. */
export function SettingsSchedule({ form, region }: { form: Fields; region: string }) {
  const { frequency, hour } = form.values;
  return (
    <Section title="Backup settings">
      <div>
        <Switch
          label="Automatically activate new users"
          description="A Box user who joins the enterprise is backed up without anyone doing anything."
          {...form.getInputProps("autoActivate", { type: "checkbox" })}
        />
        <Alert
          role="note"
          mt="xs"
          p="xs"
          color="yellow"
          variant="light"
          icon={<CircleAlert size={16} aria-hidden />}
        >
          Box users that are added or removed automatically can change the amount of your bill.
        </Alert>
      </div>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <Select
          label="Backup Frequency"
          data={frequencies.map((f) => ({ ...f }))}
          description={
            frequency === "three_times_daily" ? "Can cost extra: ask us before you choose it." : undefined
          }
          inputWrapperOrder={["label", "input", "description", "error"]}
          {...form.getInputProps("frequency")}
        />
        <Select
          label="Backup Hour (UTC)"
          data={hours}
          description={`${localHour(Number(hour), new Date())} in your time zone.`}
          inputWrapperOrder={["label", "input", "description", "error"]}
          {...form.getInputProps("hour")}
        />
      </SimpleGrid>
      <Text size="sm" c="dimmed" aria-live="polite">
        Backups begin at {hoursInWords(frequency, Number(hour))} or within ten minutes after.
      </Text>
      <Fixed region={region} />
    </Section>
  );
}
