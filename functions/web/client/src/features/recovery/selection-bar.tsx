import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import { lazy } from "react";
import type { Schema } from "@/lib/api";
import { count, dateTime } from "@/lib/format";
import { snapshotQuery } from "@/lib/snapshots.api";
import { ActionBar } from "@/ui/action-bar";
import { Later } from "@/ui/later";
import { TextLink } from "@/ui/link";
import { useSelection } from "./scope";
import { inWords, isEmpty, most, nothing } from "./selection";

const RestoreDialog = lazy(() => import("./restore-dialog").then((m) => ({ default: m.RestoreDialog })));
const SelectedPanel = lazy(() => import("./selected-panel").then((m) => ({ default: m.SelectedPanel })));

type Props = { task: Schema<"Task">; user: Schema<"BoxUser">; hint: string };

/** SelectionBar says what is selected in the archive, and restores it. Hint says what to do while nothing is. */
export function SelectionBar({ task, user, hint }: Props) {
  const { selection, select } = useSelection();
  const [listed, list] = useDisclosure(false);
  const [asking, dialog] = useDisclosure(false);
  const empty = isEmpty(selection);
  const place = { task: task.id, user: user.id, snapshot: selection.snapshot ?? "" };
  const snapshot = useQuery({ ...snapshotQuery(place), enabled: !empty });
  const tooMany = selection.items.size > most;
  const connected = task.connection === "Connected";
  const taken = snapshot.data && dateTime(snapshot.data.taken);
  const label = empty
    ? hint
    : tooMany
      ? `${inWords(selection)}. At most ${count(most)} can be restored at once: select their folders instead.`
      : inWords(selection, taken);
  return (
    <>
      <ActionBar label={label} clear={empty ? undefined : () => select(nothing)}>
        {selection.items.size > 0 && (
          <Button size="xs" variant="default" onClick={list.open}>
            Show selection
          </Button>
        )}
        {!connected && (
          <TextLink to="/tasks/$task/settings" params={{ task: task.id }} size="sm">
            Connect to Box to restore
          </TextLink>
        )}
        <Button
          size="xs"
          leftSection={<RotateCcw size={14} aria-hidden />}
          disabled={empty || tooMany || !connected}
          onClick={dialog.open}
        >
          Restore
        </Button>
      </ActionBar>
      <Later opened={listed}>{(there) => <SelectedPanel opened={there} close={list.close} />}</Later>
      <Later opened={asking && !empty}>
        {(there) => (
          <RestoreDialog
            opened={there}
            close={dialog.close}
            place={place}
            user={user}
            taken={taken}
            selection={selection}
          />
        )}
      </Later>
    </>
  );
}
