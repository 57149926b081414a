import { expect, test } from "vitest";
import { once } from "./once";

type Answer = number | "none" | "under way";

/** asking returns what posts, and the keys that were sent; the answers come one after the other. */
function asking(...answers: Answer[]) {
  const sent: (string | null)[] = [];
  let made = 0;
  const ask = once(
    async (request) => {
      sent.push(request.headers.get("Idempotency-Key"));
      const answer = answers.shift() ?? 201;
      if (answer === "none") throw new TypeError("Failed to fetch");
      if (answer === "under way")
        return new Response(null, { status: 409, headers: { "Retry-After": "60" } });
      return new Response(null, { status: answer });
    },
    () => `key ${++made}`,
  );
  const post = (path: string, body: object = {}) =>
    ask(new Request(`https://coffer.example${path}`, { method: "POST", body: JSON.stringify(body) })).catch(
      () => undefined,
    );
  return { post, sent, ask };
}

test("each thing that is created has a key of its own", async () => {
  const { post, sent } = asking();
  await post("/api/jobs", { label: "a" });
  await post("/api/jobs", { label: "a" });
  await post("/api/tasks/t1/tags", { name: "Sales" });
  expect(sent).toEqual(["key 1", "key 2", "key 3"]);
});

test("what may have arrived is asked for again with the same key, until there is an answer", async () => {
  const { post, sent } = asking("none", 503, "under way", 201, 201);
  for (let i = 0; i < 5; i++) await post("/api/tasks/t1/users/backup", { all: true });
  expect(sent).toEqual(["key 1", "key 1", "key 1", "key 1", "key 2"]);
});

test("what is deleted or cancelled has a key, too, which is another one than that of what is made", async () => {
  const { post, sent, ask } = asking("none", 200, "none");
  const leave = () =>
    ask(new Request("https://coffer.example/api/tasks/t1", { method: "DELETE" })).catch(() => undefined);
  await leave();
  await leave();
  for (const path of ["jobs/j1/cancel", "tasks/t1/users/cancel", "tasks/t1/users/delete"])
    await post(`/api/${path}`);
  await post("/api/tasks/t1/undelete");
  await ask(new Request("https://coffer.example/api/tasks/t1/tags/g1", { method: "DELETE" }));
  expect(sent).toEqual(["key 1", "key 1", "key 2", "key 3", "key 4", null, null]);
});

test("what is asked for otherwise has another key", async () => {
  const { post, sent } = asking("none", 201, 409, 201);
  await post("/api/jobs", { label: "a" });
  await post("/api/jobs", { label: "b" });
  await post("/api/jobs", { label: "a" });
  await post("/api/jobs", { label: "a" });
  expect(sent).toEqual(["key 1", "key 2", "key 1", "key 3"]);
});

test("what makes and ends nothing has none, and the body still arrives", async () => {
  const { post, sent, ask } = asking();
  await post("/api/session", { email: "ada@northwind.example" });
  await ask(new Request("https://coffer.example/api/jobs"));
  expect(sent).toEqual([null, null]);
  const bodies: string[] = [];
  const echo = once(async (request) => {
    bodies.push(await request.text());
    return new Response(null, { status: 201 });
  });
  await echo(new Request("https://coffer.example/api/tasks", { method: "POST", body: '{"name":"a"}' }));
  expect(bodies).toEqual(['{"name":"a"}']);
});
