import { ActionIcon, Popover, Text } from "@mantine/core";
import { Info as Icon } from "lucide-react";
import type { ReactNode } from "react";

type Props = { label: string; title: string; children: ReactNode };

/** Info is a button that shows more about what it stands beside. Label names it: "About the restore of Ada". */
export function Info({ label, title, children }: Props) {
  return (
    <Popover
      width={320}
      position="bottom-start"
      withArrow
      shadow="md"
      trapFocus
      returnFocus
      hideDetached={false} // hiding it would lose the focus
    >
      <Popover.Target>
        <ActionIcon variant="subtle" size={26} aria-label={label}>
          <Icon size={16} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown maw="calc(100vw - 24px)">
        <Text fw={650} size="sm" mb="xs">
          {title}
        </Text>
        {children}
      </Popover.Dropdown>
    </Popover>
  );
}
