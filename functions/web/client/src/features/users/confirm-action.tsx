import { List, ScrollArea, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import type { Task } from "@/lib/task";
import { Confirm } from "@/ui/confirm";
import type { Choice, useAct } from "./act.api";
import { type Action, actions, later, people, said } from "./actions";
import { tellRefusals } from "./refusals";

/** Asked is an action that waits for a yes: for how many, who in particular if it is one, the names that are known, and who exactly. */
export type Asked = { action: Action; n: number; name?: string; names?: readonly string[]; choice: Choice };

type Props = {
  task: Task;
  asked: Asked | undefined;
  act: ReturnType<typeof useAct>;
  close: () => void;
  done?: () => void;
};

const nothing: Asked = { action: "backup", n: 0, choice: {} };

/** ConfirmAction says what an action will do to whom, and does it. */
export function ConfirmAction({ task, asked, act, close, done }: Props) {
  const [last, keep] = useState(nothing); // what the dialog says while it closes
  if (asked && asked !== last) keep(asked);
  const { action, n, name, names = [], choice } = asked ?? last;
  const who = name ?? people(n);
  const words = actions[action];
  const run = () =>
    act.mutate(
      { action, choice },
      {
        onSuccess: (result) => {
          close();
          done?.();
          if (result.going) notifications.show({ message: later(result.of) });
          if (result.done > 0) notifications.show({ message: said(action, result, name) });
          tellRefusals(result.refused);
        },
      },
    );
  const cancel = () => {
    if (act.isError) act.reset();
    close();
  };
  return (
    <Confirm
      opened={asked !== undefined}
      close={cancel}
      title={words.title(who)}
      action={words.label}
      dismiss={words.dismiss}
      run={run}
      pending={act.isPending}
      error={act.error}
      danger={words.danger}
    >
      <Stack gap="xs">
        {words.danger && names.length > 0 && <Names of={names} n={n} />}
        {words.will(who, task).map((line) => (
          <Text key={line} size="sm">
            {line}
          </Text>
        ))}
      </Stack>
    </Confirm>
  );
}

/** Names lists whom an action is for, as far as they are known here. */
function Names({ of: names, n }: { of: readonly string[]; n: number }) {
  return (
    <ScrollArea.Autosize
      mah={180}
      type="auto"
      viewportProps={{ tabIndex: 0, role: "group", "aria-label": "Chosen" }}
    >
      <List size="sm">
        {names.map((name) => (
          <List.Item key={name}>{name}</List.Item>
        ))}
        {n > names.length && <List.Item>And {people(n - names.length)} on other pages</List.Item>}
      </List>
    </ScrollArea.Autosize>
  );
}
