import type { ReactNode } from "react";
import classes from "./facts.module.css";

type Props = {
  of: readonly (readonly [string, ReactNode])[];
  /** Closer together, and two in a row on phones. */
  dense?: boolean;
};

/** Facts lists names and values, side by side on wide screens. */
export function Facts({ of, dense }: Props) {
  return (
    <dl className={classes.facts} data-dense={dense || undefined}>
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
