import { Button, CopyButton } from "@mantine/core";
import { Check, Copy as CopyIcon } from "lucide-react";

/** Copy puts a value on the clipboard. Label says what is copied: "Copy the account id". */
export function Copy({ value, label }: { value: string; label: string }) {
  return (
    <CopyButton value={value} timeout={2500}>
      {({ copied, copy }) => (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={copied ? <Check size={14} aria-hidden /> : <CopyIcon size={14} aria-hidden />}
          onClick={copy}
        >
          <span aria-live="polite">{copied ? "Copied" : label}</span>
        </Button>
      )}
    </CopyButton>
  );
}
