import { lazy, useState } from "react";
import type { Schema } from "@/lib/api";
import type { Place } from "@/lib/snapshots.api";
import { Later } from "@/ui/later";

const DetailsPanel = lazy(() => import("./details-panel").then((m) => ({ default: m.DetailsPanel })));

type Item = Schema<"Item">;

type Props = { place: Place; item: Item | undefined; close: () => void };

/** Details shows all that a snapshot has of the item that was opened, if one was. */
export function Details({ place, item, close }: Props) {
  const [last, keep] = useState(item); // what the panel shows while it closes
  if (item && item !== last) keep(item);
  const shown = item ?? last;
  return (
    <Later opened={item !== undefined}>
      {(opened) => shown && <DetailsPanel place={place} item={shown} opened={opened} close={close} />}
    </Later>
  );
}
