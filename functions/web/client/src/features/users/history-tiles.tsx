import { Group, Paper, SimpleGrid, Text } from "@mantine/core";
import { File, Folder, Link } from "lucide-react";
import { count } from "@/lib/format";
import { Status } from "@/ui/status";
import { None, Time } from "@/ui/values";
import type { History } from "./history.api";

const looks = {
  files: ["Files", File],
  folders: ["Folders", Folder],
  webLinks: ["Web links", Link],
} as const;

/** HistoryTiles sums up what is backed up of each kind of item. */
export function HistoryTiles({ tiles }: { tiles: History["tiles"] }) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
      {tiles.map(({ kind, items, lastBackup, status }) => {
        const [label, Icon] = looks[kind];
        return (
          <Paper key={kind} withBorder p="sm" component="section" aria-label={label}>
            <Group justify="space-between" wrap="nowrap" gap="xs">
              <Group gap={6} wrap="nowrap">
                <Icon size={16} aria-hidden />
                <Text size="sm" fw={600}>
                  {label}
                </Text>
              </Group>
              {status && <Status of={status} />}
            </Group>
            <Text fz={26} fw={650} lh={1.4} className="number">
              {count(items)}
            </Text>
            <Text size="xs" c="dimmed" component="div">
              Last backup: {lastBackup ? <Time at={lastBackup} /> : <None label="Never" />}
            </Text>
          </Paper>
        );
      })}
    </SimpleGrid>
  );
}
