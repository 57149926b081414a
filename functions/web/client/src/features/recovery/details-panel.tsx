import { Badge, Drawer, Group, Stack, Text } from "@mantine/core";
import type { Schema } from "@/lib/api";
import type { Place } from "@/lib/snapshots.api";
import { Failure, Loading } from "@/ui/states";
import { type Details, useDetails } from "./details.api";
import { DetailsComments } from "./details-comments";
import { DetailsFacts } from "./details-facts";
import { DetailsMetadata } from "./details-metadata";
import { Part } from "./details-part";
import { DetailsSharing } from "./details-sharing";
import { DetailsVersions } from "./details-versions";
import { kindWord } from "./item-name";
import classes from "./recovery.module.css";

type Props = { place: Place; item: Schema<"Item">; opened: boolean; close: () => void };

/** DetailsPanel shows all that a snapshot has of an item, beside the list it is in. */
export function DetailsPanel({ place, item, opened, close }: Props) {
  const { data, error, refetch } = useDetails(place, item, opened);
  return (
    <Drawer
      opened={opened}
      onClose={close}
      position="right"
      size="lg"
      title={<span className={classes.breaking}>{item.name}</span>}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {error && !data ? (
        <Failure error={error} retry={refetch} />
      ) : data ? (
        <Full of={data} />
      ) : (
        <Loading label={`Loading the details of the ${kindWord(item.kind).toLowerCase()}`} />
      )}
    </Drawer>
  );
}

function Full({ of: item }: { of: Details }) {
  const tags = item.tags ?? [];
  return (
    <Stack gap="lg">
      <DetailsFacts of={item} />
      {item.description && (
        <Part title="Description">
          <Text size="sm" className={classes.written}>
            {item.description}
          </Text>
        </Part>
      )}
      {tags.length > 0 && (
        <Part title="Tags">
          <Group gap={4}>
            {tags.map((tag) => (
              <Badge key={tag} variant="default" tt="none" fw={500} title={tag} maw="100%">
                {tag}
              </Badge>
            ))}
          </Group>
        </Part>
      )}
      <DetailsSharing of={item} />
      <DetailsComments of={item} />
      <DetailsMetadata of={item} />
      <DetailsVersions of={item} />
      {item.shortened && (
        <Text size="sm" c="dimmed">
          Of what there is more than 1,000 of, the first 1,000 are shown. All of it is in the backup.
        </Text>
      )}
    </Stack>
  );
}
