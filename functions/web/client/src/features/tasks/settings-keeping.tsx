import { Alert, Group, NumberInput, Radio, Select, Stack } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import { Section } from "@/ui/section";
import classes from "./settings.module.css";
import {
  archivesExpiring,
  expiring,
  type Fields,
  longest,
  most,
  type Unit,
  type Values,
} from "./settings-values";

const units: { value: Unit; label: string }[] = [
  { value: "days", label: "days" },
  { value: "months", label: "months" },
  { value: "years", label: "years" },
];

type Props = {
  form: Fields;
  saved: Values;
  /** When the task was, before which there is no snapshot. */
  created: string;
};

/** SettingsKeeping is how long a task keeps what it has backed up, with a warning of what is deleted by a change. */
export function SettingsKeeping({ form, saved, created }: Props) {
  const { forGood, unit, archiveForGood } = form.values;
  return (
    <Section title="How long backups are kept">
      <Choice form={form} name="forGood" label="Retention Period">
        {["Unlimited, as long as your subscription lasts", "Delete older snapshots"]}
      </Choice>
      {!forGood && (
        <Group gap="xs" align="flex-start" className={classes.numbers}>
          <NumberInput
            label="Older than"
            w={110}
            min={1}
            max={longest[unit]}
            clampBehavior="none"
            allowDecimal={false}
            {...form.getInputProps("number")}
          />
          <Select label="Unit" w={130} data={units} {...form.getInputProps("unit")} />
        </Group>
      )}
      <Warning>{expiring(saved, form.values, new Date(), new Date(created))}</Warning>
      <Choice
        form={form}
        name="archiveForGood"
        label="Backups of Box users who left"
        description="Box users who leave the enterprise are archived: their backups stay, and nothing is added to them."
      >
        {["Keep for good", "Delete after some days"]}
      </Choice>
      {!archiveForGood && (
        <Group className={classes.numbers}>
          <NumberInput
            label="Retain auto-archived backups for"
            suffix={Number(form.values.archiveDays) === 1 ? " day" : " days"}
            w={250}
            min={1}
            max={most.archiveDays}
            clampBehavior="none"
            allowDecimal={false}
            {...form.getInputProps("archiveDays")}
          />
        </Group>
      )}
      <Warning>{archivesExpiring(saved, form.values)}</Warning>
    </Section>
  );
}

type ChoiceProps = {
  form: Fields;
  name: "forGood" | "archiveForGood";
  label: string;
  description?: string;
  children: [string, string];
};

/** Choice is between for good and not. */
function Choice({ form, name, label, description, children: [always, not] }: ChoiceProps) {
  return (
    <Radio.Group
      label={label}
      description={description}
      value={form.values[name] ? "always" : "not"}
      onChange={(to) => form.setFieldValue(name, to === "always")}
    >
      <Stack gap="xs" mt="xs">
        <Radio value="always" label={always} />
        <Radio value="not" label={not} />
      </Stack>
    </Radio.Group>
  );
}

function Warning({ children }: { children: string | undefined }) {
  if (!children) return null;
  return (
    <Alert role="alert" p="xs" color="red" variant="light" icon={<TriangleAlert size={16} aria-hidden />}>
      {children}
    </Alert>
  );
}
