import createClient from "openapi-fetch";
import { watch } from "./attention";
import { conditional } from "./conditional";
import { once } from "./once";
import { parseProblem } from "./problem";
import type { components, paths } from "./schema";

/** Schema is a type of the API's document by its name: Schema<"Task">. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

const attended = watch(document);

/** ask fetches, and says so where nobody is at the screen: what is polled then does not keep a session alive. */
const ask = conditional(
  once((request) => {
    if (!attended()) request.headers.set("Coffer-Unattended", "true");
    return fetch(request);
  }),
);

/** api calls the operations of the API, typed by its document. */
export const api = createClient<paths>({ baseUrl: "/", fetch: ask });

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** answer returns what an operation answered, or throws a Problem. */
export async function answer<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw parseProblem(response.status, error);
  return data as T;
}
