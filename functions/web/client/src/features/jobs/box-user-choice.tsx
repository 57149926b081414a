import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useBoxUser } from "./get-box-user.api";
import { useBoxUsers } from "./list-box-users.api";

type Props = { task: string; value: string | undefined; change: (value: string | undefined) => void };

/** BoxUserChoice filters by a Box user of the task, found by words of the name or e-mail address. */
export function BoxUserChoice({ task, value, change }: Props) {
  const [words, setWords] = useState("");
  const [q] = useDebouncedValue(words, 250);
  const { data: chosen } = useBoxUser(task, value);
  const found = useBoxUsers(task, q === chosen?.name ? "" : q);
  const users = new Map([...(found.data?.items ?? []), ...(chosen ? [chosen] : [])].map((u) => [u.id, u]));
  return (
    <Select
      size="xs"
      w={210}
      aria-label="Box user"
      placeholder="Box user"
      data={[...users.values()].map((u) => ({ value: u.id, label: u.name }))}
      renderOption={({ option }) => (
        <span>
          {option.label}
          <br />
          <small>{users.get(option.value)?.login}</small>
        </span>
      )}
      filter={({ options }) => options}
      value={value ?? null}
      onChange={(v) => change(v ?? undefined)}
      searchable
      searchValue={words}
      onSearchChange={setWords}
      nothingFoundMessage={found.isPending ? "Loading" : "No Box user found"}
      clearable
      comboboxProps={{ shadow: "md" }}
      clearButtonProps={{ "aria-label": "Clear Box user" }}
    />
  );
}
