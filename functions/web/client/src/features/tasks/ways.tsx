import { Radio, Stack } from "@mantine/core";

type Props = { value?: string; onChange?: (way: string) => void };

/** Ways lets a person choose how a task is connected to Box. */
export function Ways({ value, onChange }: Props) {
  return (
    <Radio.Group label="How to connect" value={value} onChange={onChange}>
      <Stack gap="xs" mt={4}>
        <Radio
          value="oauth"
          label="Sign in to Box as an administrator"
          description="The usual way (OAuth). It ends when that administrator's access does."
        />
        <Radio
          value="app"
          label="Use our own Box app"
          description="Client credentials or JWT. It does not depend on anybody's account."
        />
      </Stack>
    </Radio.Group>
  );
}
