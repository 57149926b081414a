import { List, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import type { Schema } from "@/lib/api";
import { people } from "./actions";

const shown = 10;

/** tellRefusals says for whom something was not done, and why, wherever the page is scrolled to, until it is closed. */
export function tellRefusals(refused: Schema<"ActionResult">["refused"]) {
  if (refused.length === 0) return;
  notifications.show({
    color: "yellow",
    autoClose: false,
    title: `Not done for ${people(refused.length)}`,
    message: <Refusals of={refused} />,
  });
}

function Refusals({ of: refused }: { of: Schema<"ActionResult">["refused"] }) {
  return (
    <>
      <List size="sm">
        {refused.slice(0, shown).map((r) => (
          <List.Item key={r.id}>{r.reason.includes(r.name) ? r.reason : `${r.name}: ${r.reason}`}</List.Item>
        ))}
      </List>
      {refused.length > shown && (
        <Text size="sm" mt={4}>
          And {people(refused.length - shown)} more.
        </Text>
      )}
    </>
  );
}
