import { Alert, Skeleton, Stack, Text } from "@mantine/core";
import { CircleAlert } from "lucide-react";
import type { Schema } from "@/lib/api";
import { extent, restorable, shortfalls } from "./restore";

type Props = {
  user: Schema<"BoxUser">;
  taken: string | undefined;
  count: Schema<"Count"> | undefined;
};

/** RestoreWhat names the archive that is restored from, and says in numbers what is restored. */
export function RestoreWhat({ user, taken, count }: Props) {
  const missing = count ? shortfalls(count) : [];
  return (
    <Stack gap="xs" aria-live="polite">
      <Text size="sm">
        From the archive of <strong>{user.name}</strong> ({user.login})
        {taken && (
          <>
            , as it was on <strong>{taken}</strong>
          </>
        )}
        :
      </Text>
      {count ? (
        <Text fw={600}>{restorable(count) > 0 ? extent(count) : "Nothing that can be restored"}</Text>
      ) : (
        <Skeleton height={20} width="60%" role="status" aria-label="Adding up what is selected" />
      )}
      {missing.length > 0 && (
        <Alert color="yellow" variant="light" p="xs" icon={<CircleAlert size={16} aria-hidden />}>
          {missing.map((sentence) => (
            <Text key={sentence} size="sm">
              {sentence}
            </Text>
          ))}
        </Alert>
      )}
    </Stack>
  );
}
