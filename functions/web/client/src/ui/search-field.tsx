import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { Search } from "lucide-react";
import { useState } from "react";

type Props = {
  label: string;
  value: string | undefined;
  change: (value: string | undefined) => void;
  width?: number;
};

/** SearchField asks for words and reports them once the person pauses; Enter reports them at once. */
export function SearchField({ label, value, change, width = 240 }: Props) {
  const [typed, setTyped] = useState(value ?? "");
  const [reported, setReported] = useState(value);
  if (value !== reported) {
    // The address changed by itself: the back button, or "Clear filters".
    setReported(value);
    setTyped(value ?? "");
  }
  const report = (words: string) => {
    const next = words.trim() || undefined;
    setReported(next);
    change(next);
  };
  const later = useDebouncedCallback(report, 300);
  const type = (words: string) => {
    setTyped(words);
    later(words);
  };
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={label}
      w={width}
      maw="100%"
      size="xs"
      maxLength={200}
      leftSection={<Search size={14} aria-hidden />}
      rightSection={typed && <CloseButton size="xs" aria-label="Clear the search" onClick={() => type("")} />}
      value={typed}
      onChange={(e) => type(e.currentTarget.value)}
      onKeyDown={(e) => {
        if (e.key !== "Enter") return;
        later.cancel();
        report(typed);
      }}
    />
  );
}
