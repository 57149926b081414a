import { Button, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { many } from "@/lib/format";
import { Confirm } from "@/ui/confirm";
import { type Column, DataTable } from "@/ui/data-table";
import { Section } from "@/ui/section";
import { Failure, Refused } from "@/ui/states";
import { Time } from "@/ui/values";
import { agentName } from "./agent";
import { useEndOtherSessions } from "./end-other-sessions.api";
import { useEndSession } from "./end-session.api";
import classes from "./frame.module.css";
import { type OwnSession, sessions } from "./list-sessions.api";

/** Sessions lists where one is signed in, and ends what should not be. */
export function Sessions() {
  const { data, error, refetch } = useQuery(sessions);
  const end = useEndSession();
  const endAll = useEndOtherSessions();
  const [asking, dialog] = useDisclosure(false);
  const others = data?.items.filter((s) => !s.current) ?? [];
  const columns: Column<OwnSession>[] = [
    {
      key: "agent",
      header: "Browser",
      cell: (s) => (
        <Tooltip label={s.agent || "It does not say what it is."} multiline maw={360}>
          <span>{agentName(s.agent)}</span>
        </Tooltip>
      ),
    },
    { key: "address", header: "Address", cell: (s) => s.address, wide: true },
    { key: "created", header: "Began", cell: (s) => <Time at={s.created} />, wide: true },
    { key: "seen", header: "Last used", cell: (s) => <Time at={s.seen} relative /> },
    {
      key: "end",
      header: "Action",
      align: "right",
      cell: (s) => (
        <Ending
          of={s}
          pending={end.isPending && end.variables === s.id}
          run={() =>
            end.mutate(s.id, {
              onSuccess: () =>
                notifications.show({
                  color: "green",
                  message: `The session of ${agentName(s.agent)} has ended.`,
                }),
            })
          }
        />
      ),
    },
  ];
  return (
    <Section
      title="Sessions"
      lead="Where you are signed in. A session ends after 30 minutes without use, and 12 hours after it began."
      actions={
        others.length > 0 && (
          <Button size="xs" variant="default" onClick={dialog.open}>
            End all other sessions
          </Button>
        )
      }
    >
      {error && !data ? (
        <Failure error={error} retry={refetch} />
      ) : (
        <DataTable label="Sessions" columns={columns} rows={data?.items} rowKey={(s) => s.id} />
      )}
      {data && others.length === 0 && (
        <Text size="sm" c="dimmed">
          You are signed in nowhere else.
        </Text>
      )}
      <Refused error={end.error} />
      <Confirm
        opened={asking}
        close={dialog.close}
        title="End all other sessions?"
        action="End them"
        danger
        pending={endAll.isPending}
        error={endAll.error}
        run={() =>
          endAll.mutate(undefined, {
            onSuccess: () => {
              dialog.close();
              notifications.show({
                color: "green",
                message: `${many(others.length, "other session")} ended.`,
              });
            },
          })
        }
      >
        <Text size="sm">
          {many(others.length, "other session")} will be signed out at once. You stay signed in here.
        </Text>
      </Confirm>
    </Section>
  );
}

function Ending({ of, pending, run }: { of: OwnSession; pending: boolean; run: () => void }) {
  if (of.current) return <span className={classes.mark}>This session</span>;
  return (
    <Button
      size="compact-sm"
      variant="default"
      loading={pending}
      onClick={run}
      aria-label={`End the session of ${agentName(of.agent)}`}
    >
      End
    </Button>
  );
}
