import { expect, test } from "vitest";
import { conditional } from "./conditional";

function server() {
  let body = "one";
  const seen: (string | null)[] = [];
  const fetch = async (request: Request) => {
    const asked = request.headers.get("If-None-Match");
    seen.push(asked);
    if (asked === `"${body}"`) return new Response(null, { status: 304 });
    return new Response(body, { headers: { ETag: `"${body}"`, "Content-Type": "application/json" } });
  };
  return { fetch: conditional(fetch), seen, change: (to: string) => (body = to) };
}

test("an unchanged answer is read from memory, a changed one from the server", async () => {
  const s = server();
  const get = async () => (await s.fetch(new Request("http://coffer.test/a"))).text();
  expect(await get()).toBe("one");
  expect(await get()).toBe("one");
  s.change("two");
  expect(await get()).toBe("two");
  expect(s.seen).toEqual([null, '"one"', '"one"']);
});

test("addresses and methods do not share answers", async () => {
  const s = server();
  await s.fetch(new Request("http://coffer.test/a"));
  await s.fetch(new Request("http://coffer.test/b"));
  await s.fetch(new Request("http://coffer.test/a", { method: "POST" }));
  expect(s.seen).toEqual([null, null, null]);
});

test("only the newest answers are kept", async () => {
  const s = server();
  for (let i = 0; i <= 50; i++) await s.fetch(new Request(`http://coffer.test/${i}`));
  await s.fetch(new Request("http://coffer.test/0"));
  await s.fetch(new Request("http://coffer.test/50"));
  expect(s.seen.slice(-2)).toEqual([null, '"one"']);
});
