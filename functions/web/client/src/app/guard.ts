import type { QueryClient } from "@tanstack/react-query";
import { redirect } from "@tanstack/react-router";
import { toProblem } from "@/lib/problem";
import { session } from "@/lib/session";

/** signedIn lets in who is signed in, and sends others to sign in and come back. */
export async function signedIn(queries: QueryClient, href: string) {
  try {
    await queries.ensureQueryData(session);
  } catch (error) {
    if (toProblem(error).status !== 401) throw error;
    throw redirect({ to: "/sign-in", search: href === "/" ? {} : { next: href }, replace: true });
  }
}

/** signedOut sends who is signed in already on to where they wanted to go. */
export async function signedOut(queries: QueryClient, next: string) {
  const known = await queries.fetchQuery(session).catch(() => undefined);
  if (known) throw redirect({ href: next, replace: true });
}
