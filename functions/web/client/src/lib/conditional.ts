type Fetch = (request: Request) => Promise<Response>;

const kept = 50;

/**
 * conditional wraps fetch so that an answer that is polled crosses the network only when it has changed: it
 * remembers the last answers with their ETags in memory (the browser's own cache may keep no private answer).
 */
export function conditional(fetch: Fetch): Fetch {
  const answers = new Map<string, { tag: string; body: string; headers: Headers }>();
  return async (request) => {
    if (request.method !== "GET") return fetch(request);
    const known = answers.get(request.url);
    if (known) request.headers.set("If-None-Match", known.tag);
    const response = await fetch(request);
    if (response.status === 304 && known) return new Response(known.body, { headers: known.headers });
    const tag = response.headers.get("ETag");
    if (!response.ok || !tag) return response;
    const body = await response.text();
    answers.delete(request.url); // so that the newest is last
    answers.set(request.url, { tag, body, headers: response.headers });
    const oldest = answers.keys().next().value;
    if (answers.size > kept && oldest !== undefined) answers.delete(oldest);
    return new Response(body, { status: response.status, headers: response.headers });
  };
}
