import { type ReactNode, Suspense, useEffect, useState } from "react";

type Props = { opened: boolean; children: (opened: boolean) => ReactNode };

/**
 * Later shows a dialog whose code is loaded when it is first opened. It is there closed before it opens, so that it
 * knows where the focus goes back to.
 */
export function Later({ opened, children }: Props) {
  const [wanted, want] = useState(opened);
  if (opened && !wanted) want(true);
  if (!wanted) return null;
  return (
    <Suspense fallback={null}>
      <Loaded opened={opened}>{children}</Loaded>
    </Suspense>
  );
}

function Loaded({ opened, children }: Props) {
  const [there, arrive] = useState(false);
  useEffect(() => arrive(true), []);
  return children(opened && there);
}
