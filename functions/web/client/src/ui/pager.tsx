import { Button, Group, Text } from "@mantine/core";
import { useNavigate, useRouter, useRouterState } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { many } from "@/lib/format";
import type { Paging } from "@/lib/search";

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** The entry before this one in the history is the page before this one of the list. */
    paged?: boolean;
  }
}

type Props = Paging & { next?: string; total?: number; shown: number; one: string; more?: string };

/** Pager walks through a list whose page is in the address, so that the back button and links work. */
export function Pager({ cursor, page = cursor ? 2 : 1, next, total, shown, one, more }: Props) {
  const navigate = useNavigate();
  const router = useRouter();
  const paged = useRouterState({ select: (s) => s.location.state.paged === true });
  const go = (to: Paging, state: { paged?: boolean }) =>
    navigate({
      to: ".",
      search: (old: object) => ({ ...old, cursor: undefined, page: undefined, ...to }),
      state,
    });
  const all = total ?? (cursor || next ? undefined : shown);
  return (
    <Group justify="space-between" gap="sm" component="nav" aria-label="Pages of the list">
      <Text size="sm" c="dimmed" aria-live="polite">
        {all === undefined
          ? `Page ${page}`
          : cursor || next
            ? `Page ${page}, ${many(all, one, more)} in all`
            : many(all, one, more)}
      </Text>
      {(cursor || next) && (
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            leftSection={<ChevronLeft size={14} aria-hidden />}
            disabled={!cursor}
            onClick={() => (paged ? router.history.back() : go({}, {}))}
          >
            {cursor && !paged ? "First page" : "Previous"}
          </Button>
          <Button
            size="xs"
            variant="default"
            rightSection={<ChevronRight size={14} aria-hidden />}
            disabled={!next}
            onClick={() => go({ cursor: next, page: page + 1 }, { paged: true })}
          >
            Next
          </Button>
        </Group>
      )}
    </Group>
  );
}
