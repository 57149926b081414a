import { Button } from "@mantine/core";
import { Ban, CalendarCheck, CirclePause, Play, RotateCcw } from "lucide-react";
import { type BoxUser, isMoving } from "@/lib/box-users.api";
import { ButtonLink } from "@/ui/link";
import { type Action, actions } from "./actions";
import type { Asked } from "./confirm-action";

type Props = { task: string; user: BoxUser; ask: (asked: Asked) => void };

/** UserActions are the buttons of a Box user's page. */
export function UserActions({ task, user, ask }: Props) {
  const archived = user.status === "Archived";
  const request = (action: Action) => () =>
    ask({ action, n: 1, name: user.name, choice: { ids: [user.id] } });
  return (
    <>
      {!user.locked && (
        <ButtonLink
          to="/recovery/$task/$user"
          params={{ task, user: user.id }}
          variant="default"
          leftSection={<RotateCcw size={15} aria-hidden />}
        >
          Recovery
        </ButtonLink>
      )}
      {!archived &&
        (user.active ? (
          <Button
            variant="default"
            leftSection={<CirclePause size={15} aria-hidden />}
            onClick={request("pause")}
          >
            {actions.pause.label}
          </Button>
        ) : (
          <Button
            variant="default"
            leftSection={<CalendarCheck size={15} aria-hidden />}
            onClick={request("activate")}
          >
            {actions.activate.label}
          </Button>
        ))}
      {isMoving(user) ? (
        <Button variant="default" leftSection={<Ban size={15} aria-hidden />} onClick={request("cancel")}>
          {actions.cancel.label}
        </Button>
      ) : (
        !archived && (
          <Button leftSection={<Play size={15} aria-hidden />} onClick={request("backup")}>
            {actions.backup.label}
          </Button>
        )
      )}
    </>
  );
}
