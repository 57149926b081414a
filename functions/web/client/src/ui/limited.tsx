import { Alert, Text } from "@mantine/core";
import { Lock } from "lucide-react";

/** limitedHint says in short why nothing of a Box user is shown. */
export const limitedHint = "Access is limited; ask the primary user";

/** Limited says that what is backed up of a Box user is not this portal user's to see, and whom to ask. */
export function Limited() {
  return (
    <Alert role="status" color="gray" icon={<Lock size={18} aria-hidden />} title="Access is limited">
      <Text size="sm">
        What is backed up of this Box user is shown to the account's primary user alone. Ask the primary user
        if you need something of it.
      </Text>
    </Alert>
  );
}
