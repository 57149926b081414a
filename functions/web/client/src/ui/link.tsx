import {
  ActionIcon,
  type ActionIconProps,
  Anchor,
  type AnchorProps,
  Button,
  type ButtonProps,
} from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes } from "react";

type Attributes<Own> = Own & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof Own>;

/** TextLink is a link in a text or table, to a page of the portal: its address is checked by its type. */
export const TextLink = createLink((props: Attributes<AnchorProps>) => <Anchor {...props} />);

/** ButtonLink is a link that looks like a button. */
export const ButtonLink = createLink((props: Attributes<ButtonProps>) => <Button component="a" {...props} />);

/** IconLink is a link that is an icon; aria-label says where it leads. */
export const IconLink = createLink((props: Attributes<ActionIconProps>) => (
  <ActionIcon component="a" {...props} />
));
