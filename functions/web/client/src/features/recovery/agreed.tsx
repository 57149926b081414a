import { Checkbox } from "@mantine/core";
import { many } from "@/lib/format";

type Props = {
  value: boolean;
  change: (value: boolean) => void;
  /** How many files may be overwritten; undefined while that is being added up. */
  files: number | undefined;
  error?: string;
};

/** Agreed has the person say that they know what is overwritten. */
export function Agreed({ value, change, files, error }: Props) {
  const which = files === undefined ? "" : ` of up to ${many(files, "file")}`;
  return (
    <Checkbox
      label={`I understand that newer versions${which} are overwritten`}
      checked={value}
      onChange={(e) => change(e.currentTarget.checked)}
      error={error}
    />
  );
}
