import { Paper, Text } from "@mantine/core";
import { count } from "@/lib/format";
import type { Task } from "@/lib/task";
import { WorkProgress } from "@/ui/progress";
import { goingOn, people } from "./actions";

/** Going shows how far that has come which is being done for very many Box users, whoever asked for it. */
export function Going({ of: { going } }: { of: Task }) {
  if (!going) return null;
  const { action, by, asked, done, of, refused } = going;
  const far = of ? `${count(done)} of about ${people(of)}` : people(done);
  return (
    <Paper withBorder p="md" component="section" aria-label={goingOn[action]}>
      <Text size="sm" mb="xs">
        {goingOn[action]}, asked for by {by}. It goes on when this page is closed; System Activity tells the
        end.
      </Text>
      <WorkProgress
        work={{ done, total: of ?? 0, started: asked, updated: new Date().toISOString() }}
        label={goingOn[action]}
        detail={refused > 0 ? `${far}, refused for ${count(refused)}` : far}
      />
    </Paper>
  );
}
