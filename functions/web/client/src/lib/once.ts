type Fetch = (request: Request) => Promise<Response>;

/** keyed are the operations that make something anew each time, or that fail where they have been done. */
const keyed = new RegExp(
  "^(POST /api/(jobs(/[^/]+/cancel)?|tasks|tasks/[^/]+/(tags|backup|users/(backup|cancel|delete))|usage-report)" +
    "|DELETE /api/tasks/[^/]+)$",
);

const kept = 20;

/**
 * once wraps fetch so that what a person asks for once is done once: each request that makes or ends something has a
 * key of its own, and the same request has the same key again for as long as nobody knows what became of it: also where
 * the answer says that it is still being worked on, or to come again later.
 */
export function once(fetch: Fetch, newKey: () => string = () => crypto.randomUUID()): Fetch {
  const open = new Map<string, string>();
  return async (request) => {
    if (!keyed.test(`${request.method} ${new URL(request.url).pathname}`)) return fetch(request);
    const asked = `${request.method} ${request.url} ${await request.clone().text()}`;
    const key = open.get(asked) ?? newKey();
    open.set(asked, key);
    const oldest = open.keys().next().value;
    if (open.size > kept && oldest !== undefined) open.delete(oldest);
    request.headers.set("Idempotency-Key", key);
    const response = await fetch(request); // which throws where there was no answer
    if (response.status < 500 && !response.headers.has("Retry-After")) open.delete(asked);
    return response;
  };
}
