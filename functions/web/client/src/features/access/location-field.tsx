import { Alert, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Schema } from "@/lib/api";
import { Failure } from "@/ui/states";
import { locations } from "./sign-up.api";

type Location = Schema<"Location">;

type Props = {
  value: string;
  onChange: (id: string) => void;
  error?: ReactNode;
  onFocus?: () => void;
  onBlur?: () => void;
};

/** elsewhere returns the location of that id if its accounts are made at another portal. */
export function elsewhere(all: readonly Location[] | undefined, id: string) {
  return all?.find((l) => l.id === id && l.portal);
}

/** theOnly returns the location's id where there is no choice, so that it is made. */
export function theOnly(all: readonly Location[] | undefined): string {
  const open = all?.filter((l) => l.here || l.portal) ?? [];
  return open.length === 1 ? (open[0]?.id ?? "") : "";
}

/** LocationField asks where the backups are to be kept. Places that no portal serves yet cannot be chosen. */
export function LocationField({ value, onChange, ...input }: Props) {
  const { data, error, refetch } = useQuery(locations);
  if (error && !data)
    return <Failure error={error} retry={refetch} title="The locations could not be loaded" />;
  const chosen = value || theOnly(data?.items);
  const other = elsewhere(data?.items, chosen);
  return (
    <>
      <Select
        {...input}
        label="Location"
        description="Backups stay there. This cannot be changed later."
        placeholder={data ? "Choose a location" : "Loading the locations…"}
        disabled={!data}
        data={
          data?.items.map(({ id, name, here, portal }) => ({
            value: id,
            label: here || portal ? name : `${name} (not open yet)`,
            disabled: !here && !portal,
          })) ?? []
        }
        value={chosen || null}
        onChange={(id) => onChange(id ?? "")}
      />
      {other && (
        <Alert role="note" color="blue">
          Accounts in {other.name} have a portal of their own. You sign up and sign in there.
        </Alert>
      )}
    </>
  );
}
