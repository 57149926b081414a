import { Button, Menu } from "@mantine/core";
import { Ban, CalendarCheck, ChevronDown, CirclePause, Play, Tag, Trash2 } from "lucide-react";
import { useRef } from "react";
import { type BoxUser, isMoving } from "@/lib/box-users.api";
import { count } from "@/lib/format";
import { ActionBar } from "@/ui/action-bar";
import { type Action, actions, people } from "./actions";
import { type Chosen, howMany, nobody, ticked } from "./selection";

const menu = [
  ["activate", CalendarCheck],
  ["pause", CirclePause],
  ["backup", Play],
  ["delete", Trash2],
] as const;

type Props = {
  chosen: Chosen;
  choose: (chosen: Chosen) => void;
  users: readonly BoxUser[];
  total: number;
  ask: (action: Action) => void;
  tag: () => void;
};

/** ActionsBar says who is selected and offers what can be done for them. */
export function ActionsBar({ chosen, choose, users, total, ask, tag }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const n = howMany(chosen, total);
  const on = ticked(
    chosen,
    users.map((u) => u.id),
  );
  const page = users.length > 0 && users.every((u) => on.has(u.id));
  const moving = users.some((u) => on.has(u.id) && isMoving(u));
  return (
    <ActionBar
      top
      idle={n === 0}
      label={n === 0 ? "No Box user selected" : `${people(n)} selected`}
      clear={n > 0 ? () => choose(nobody) : undefined}
    >
      {!chosen.all && page && total > n && (
        <Button size="xs" variant="subtle" onClick={() => choose({ all: true })}>
          Select all {count(total)} that match
        </Button>
      )}
      {moving && (
        <Button
          size="xs"
          variant="default"
          leftSection={<Ban size={14} aria-hidden />}
          onClick={() => ask("cancel")}
        >
          {actions.cancel.label}
        </Button>
      )}
      <Button
        size="xs"
        variant="default"
        disabled={n === 0}
        leftSection={<Tag size={14} aria-hidden />}
        onClick={tag}
      >
        Tags
      </Button>
      <Menu position="bottom-end" width={180} disabled={n === 0}>
        <Menu.Target>
          <Button
            ref={button}
            size="xs"
            data-disabled={n === 0 || undefined}
            aria-disabled={n === 0}
            rightSection={<ChevronDown size={14} aria-hidden />}
          >
            Action
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {menu.map(([action, Icon]) => (
            <Menu.Item
              key={action}
              leftSection={<Icon size={15} aria-hidden />}
              onClick={() => {
                button.current?.focus(); // which is where the dialog gives the focus back to
                ask(action);
              }}
            >
              {actions[action].label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </ActionBar>
  );
}
