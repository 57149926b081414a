import { Alert } from "@mantine/core";
import { ShieldAlert } from "lucide-react";
import type { BoxUser } from "@/lib/box-users.api";

/** Damaged says what of a Box user's backup verification found damaged. */
export function Damaged({ user: { damage } }: { user: BoxUser }) {
  if (!damage) return null;
  return (
    <Alert
      role="note"
      color="red"
      icon={<ShieldAlert size={18} aria-hidden />}
      title="Some of this backup is damaged"
    >
      {damage}
    </Alert>
  );
}
