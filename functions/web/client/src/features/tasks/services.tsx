import { Group, Radio, Stack, Text } from "@mantine/core";
import { Box } from "lucide-react";
import classes from "./services.module.css";

const services = [
  {
    value: "box",
    name: "Box",
    what: "Files, folders and web links of every Box user. Business, Business Plus, Enterprise and Enterprise Plus.",
  },
];

type Props = { value: string; change: (service: string) => void };

/** Services lets a person choose what to back up. */
export function Services({ value: chosen, change }: Props) {
  return (
    <Radio.Group label="Service" value={chosen} onChange={change}>
      <Stack gap="xs" mt={4}>
        {services.map(({ value, name, what }) => (
          <Radio.Card key={value} value={value} p="sm" className={classes.service}>
            <Group wrap="nowrap" gap="sm">
              <Radio.Indicator />
              <Box size={22} aria-hidden />
              <div>
                <Text fw={600}>{name}</Text>
                <Text size="sm" c="dimmed">
                  {what}
                </Text>
              </div>
            </Group>
          </Radio.Card>
        ))}
      </Stack>
    </Radio.Group>
  );
}
