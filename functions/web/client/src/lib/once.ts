type Fetch = (request: Request) => Promise<Response>;

/** creating are the operations that make something anew each time. */
const creating = /^\/api\/(jobs|tasks|tasks\/[^/]+\/(tags|backup|users\/backup)|usage-report)$/;

const kept = 20;

/**
 * once wraps fetch so that what a person asks for once is made once: each request that creates something has a key
 * of its own, and the same request has the same key again for as long as nobody knows what became of it: also where
 * the answer says that it is still being worked on, or to come again later.
 */
export function once(fetch: Fetch, newKey: () => string = () => crypto.randomUUID()): Fetch {
  const open = new Map<string, string>();
  return async (request) => {
    if (request.method !== "POST" || !creating.test(new URL(request.url).pathname)) return fetch(request);
    const asked = `${request.url} ${await request.clone().text()}`;
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
