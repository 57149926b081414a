import { Alert, Stack, Switch } from "@mantine/core";
import { Info } from "lucide-react";
import { Section } from "@/ui/section";
import type { Fields } from "./settings-values";

/** SettingsContent is what a task backs up of each Box user besides the files as they are. */
export function SettingsContent({ form }: { form: Fields }) {
  return (
    <Section title="What is backed up" lead="Files, folders and web links always are.">
      <Stack gap="md">
        <Switch
          label="Include previous versions"
          description="Older versions of files that Box still has. Needs more storage and more Box calls."
          {...form.getInputProps("versions", { type: "checkbox" })}
        />
        <Switch
          label="Include the trash"
          description="What people have deleted and Box has not purged yet."
          {...form.getInputProps("trash", { type: "checkbox" })}
        />
        <Switch
          label="Index names for search"
          description="Names are decrypted for a moment to build the index, which is encrypted like everything else."
          {...form.getInputProps("index", { type: "checkbox" })}
        />
        {!form.values.index && (
          <Alert role="note" p="xs" color="blue" variant="light" icon={<Info size={16} aria-hidden />}>
            Without the index nothing can be found by its name or dates. Folders can still be opened one after
            another, and restored.
          </Alert>
        )}
      </Stack>
    </Section>
  );
}
