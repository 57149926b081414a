import { Tooltip, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { Task } from "@/lib/task";
import { Status } from "@/ui/status";
import classes from "./connection.module.css";
import { ConnectionDialog } from "./connection-dialog";
import { whyDisconnected } from "./words";

/** Connection shows whether a task is connected to Box. It opens the way to connect it, again or at last. */
export function Connection({ of: task }: { of: Task }) {
  const [opened, dialog] = useDisclosure(false);
  const hint = task.connection === "Connected" ? "Connected to Box" : whyDisconnected(task);
  return (
    <>
      <Tooltip label={hint} multiline maw={340}>
        <UnstyledButton
          className={classes.connection}
          onClick={dialog.open}
          aria-label={`${task.connection}: ${task.name}. Show or renew the connection to Box`}
        >
          <Status of={task.connection} />
        </UnstyledButton>
      </Tooltip>
      <ConnectionDialog task={task} opened={opened} close={dialog.close} />
    </>
  );
}
