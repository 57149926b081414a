import { Modal } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import type { Choice } from "./act.api";
import { later, people } from "./actions";
import { limitedAccess } from "./list-tags.api";
import { NewTag } from "./new-tag";
import { tellRefusals } from "./refusals";
import type { useTagUsers } from "./tag-users.api";
import type { Picked, Wanted } from "./tagging";
import { TagsChoice } from "./tags-choice";
import { TagsLimit } from "./tags-limit";

type Props = {
  task: string;
  n: number;
  picked: Picked;
  choice: Choice;
  tag: ReturnType<typeof useTagUsers>;
  opened: boolean;
  close: () => void;
  /** A tag is no more. */
  removed: (tag: string) => void;
};

/** TagsDialog gives tags to the Box users that are selected, and takes them away. */
export function TagsDialog(props: Props) {
  const { opened, close, n, tag } = props;
  const leave = () => {
    if (tag.isError) tag.reset();
    close();
  };
  return (
    <Modal
      opened={opened}
      onClose={leave}
      title={`Tags of ${people(n)}`}
      size="md"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Steps {...props} close={leave} />
    </Modal>
  );
}

type Change = { add: string[]; remove: string[] };

function Steps({ task, n, picked, choice, tag, close, removed }: Props) {
  const [wanted, want] = useState<Wanted>({});
  const [making, make] = useState<string>();
  const [limiting, limit] = useState<Change>();
  const run = (change: Change) =>
    tag.mutate(
      { ...choice, ...change },
      {
        onSuccess: ({ done, changed = 0, refused, going, of }) => {
          close();
          if (going) notifications.show({ message: later(of) });
          if (changed > 0) notifications.show({ message: `Tags of ${people(changed)} changed.` });
          else if (done > 0) notifications.show({ message: "The tags were so already." });
          tellRefusals(refused);
        },
      },
    );
  if (making !== undefined)
    return (
      <NewTag
        task={task}
        name={making}
        cancel={() => make(undefined)}
        created={({ id }) => {
          want({ ...wanted, [id]: true });
          make(undefined);
        }}
      />
    );
  if (limiting)
    return (
      <TagsLimit
        n={n}
        limits={limiting.add.includes(limitedAccess)}
        tag={tag}
        back={() => limit(undefined)}
        run={() => run(limiting)}
      />
    );
  return (
    <TagsChoice
      task={task}
      picked={picked}
      wanted={wanted}
      want={want}
      create={make}
      tag={tag}
      close={close}
      removed={removed}
      apply={(change) =>
        [...change.add, ...change.remove].includes(limitedAccess) ? limit(change) : run(change)
      }
    />
  );
}
