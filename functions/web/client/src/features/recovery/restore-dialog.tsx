import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { Schema } from "@/lib/api";
import { many } from "@/lib/format";
import { toProblem } from "@/lib/problem";
import { session } from "@/lib/session";
import type { Place } from "@/lib/snapshots.api";
import { Failure, Refused } from "@/ui/states";
import { Agreed } from "./agreed";
import { useCount } from "./count.api";
import { useCreateJob } from "./create-job.api";
import { LabelField } from "./label-field";
import { canReceive } from "./receivers.api";
import { faults, newJob, type Order, restorable, usual } from "./restore";
import { RestoreAlso } from "./restore-also";
import { RestoreHow } from "./restore-how";
import { RestoreTo } from "./restore-to";
import { RestoreWhat } from "./restore-what";
import type { Selection } from "./selection";

type Props = {
  opened: boolean;
  close: () => void;
  place: Place;
  user: Schema<"BoxUser">;
  taken: string | undefined;
  selection: Selection;
};

/** RestoreDialog asks how and where to restore what is selected, with what will happen in numbers. */
export function RestoreDialog({ opened, close, place, user, taken, selection }: Props) {
  const navigate = useNavigate();
  const count = useCount(place, selection, opened);
  const create = useCreateJob();
  const me = useQuery(session);
  const active = canReceive(user);
  const [order, setOrder] = useState<Order>({
    label: "",
    mode: "non_destructive",
    include: usual,
    agreed: false,
    to: active ? user : undefined,
    folders: [],
  });
  const [tried, setTried] = useState(false);
  const problem = create.error ? toProblem(create.error) : undefined;
  const said = {
    label: problem?.field("label"),
    to: problem?.field("user"),
    folder: problem?.field("folder"),
  };
  const wrong = tried ? faults(order) : {};
  const change = (to: Partial<Order>) => {
    create.reset();
    setOrder({ ...order, ...to });
  };
  const submit = (e: FormEvent) => {
    e.preventDefault();
    setTried(true);
    if (Object.values(faults(order)).some(Boolean)) return;
    create.mutate(newJob(place, selection, order), {
      onSuccess: ({ id }) => navigate({ to: "/jobs/$job", params: { job: id } }),
    });
  };
  const leave = () => {
    if (create.isPending) return; // the person is to see what becomes of it
    change({ agreed: false });
    setTried(false);
    close();
  };
  const files = count.data?.files;
  const possible = count.data !== undefined && restorable(count.data) > 0;
  return (
    <Modal opened={opened} onClose={leave} title="Restore" closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          {count.error ? (
            <Failure
              error={count.error}
              retry={count.refetch}
              title="What is selected could not be added up"
            />
          ) : (
            <RestoreWhat user={user} taken={taken} count={count.data} />
          )}
          <LabelField
            value={order.label}
            change={(label) => change({ label })}
            error={wrong.label ?? said.label}
          />
          <RestoreHow order={order} change={change} active={active} name={user.name} />
          <RestoreAlso value={order.include} change={(include) => change({ include })} />
          {order.mode === "non_destructive" && (
            <RestoreTo
              task={place.task}
              own={user}
              order={order}
              change={change}
              errors={{ to: wrong.to ?? said.to, folder: said.folder }}
            />
          )}
          {order.mode === "replace" && (
            <Agreed
              value={order.agreed}
              change={(agreed) => change({ agreed })}
              files={files}
              error={wrong.agreed}
            />
          )}
          {me.data && (
            <Text size="sm" c="dimmed">
              When it is done, a summary is sent to {me.data.user.email}.
            </Text>
          )}
          {problem && !Object.values(said).some(Boolean) && <Refused error={problem} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={leave}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending || create.isSuccess} disabled={!possible}>
              {files ? `Restore ${many(files, "file")}` : "Restore"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
