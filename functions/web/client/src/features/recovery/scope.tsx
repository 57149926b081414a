import { createLazyRoute, Outlet } from "@tanstack/react-router";
import { createContext, type ReactNode, useContext, useState } from "react";
import { nothing, type Selection } from "./selection";

type Scope = { selection: Selection; select: (to: Selection) => void };

const Context = createContext<Scope | undefined>(undefined);

/** useSelection returns what is selected in the Box user's archive, and how to change that. */
export function useSelection(): Scope {
  const scope = useContext(Context);
  if (!scope) throw new Error("useSelection needs an archive around it");
  return scope;
}

function Selected({ children }: { children: ReactNode }) {
  const [selection, select] = useState(nothing);
  return <Context value={{ selection, select }}>{children}</Context>;
}

/** Archive keeps what is selected while one walks through the pages of a Box user's archive. */
function Archive() {
  const { task, user } = route.useParams();
  return (
    <Selected key={`${task} ${user}`}>
      <Outlet />
    </Selected>
  );
}

export const route = createLazyRoute("/portal/recovery/$task/$user")({ component: Archive });
