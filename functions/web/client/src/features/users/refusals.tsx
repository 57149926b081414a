import { Alert, List, Text } from "@mantine/core";
import { CircleAlert } from "lucide-react";
import type { Schema } from "@/lib/api";
import { people } from "./actions";

const shown = 10;

/** Refusals lists for whom something was not done, and why. */
export function Refusals({
  of,
  close,
}: {
  of: Schema<"ActionResult">["refused"] | undefined;
  close: () => void;
}) {
  if (!of || of.length === 0) return null;
  return (
    <Alert
      role="alert"
      color="yellow"
      icon={<CircleAlert size={18} aria-hidden />}
      title={`Not done for ${people(of.length)}`}
      withCloseButton
      closeButtonLabel="Dismiss"
      onClose={close}
    >
      <List size="sm">
        {of.slice(0, shown).map((r) => (
          <List.Item key={r.id}>
            {r.name}: {r.reason}
          </List.Item>
        ))}
      </List>
      {of.length > shown && (
        <Text size="sm" mt={4}>
          And {people(of.length - shown)} more.
        </Text>
      )}
    </Alert>
  );
}
