import { join } from "node:path";
import type { components } from "../src/lib/schema";

type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** The administrator of the demo enterprise, whom every page is tested as unless a test says otherwise. */
export const email = "admin@northwind.example";

/** adminStateFile holds the administrator's session for Playwright's storageState. */
export const adminStateFile = join(import.meta.dirname, "../test-results/state/admin.json");

const setting = (name: string) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

export const product = () => setting("PRODUCT");

let cookie = "";

/** adminState signs the administrator in and returns the session as Playwright's storage state. */
export async function adminState() {
  const response = await fetch(`${product()}/api/session`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email, password: setting("PASSWORD") }),
  });
  if (!response.ok)
    throw new Error(`the demo administrator cannot sign in: ${response.status} ${await response.text()}`);
  const cookies = response.headers.getSetCookie().map((line) => {
    const [name = "", value = ""] = (line.split(";")[0] ?? "").split("=");
    return {
      name,
      value,
      domain: "localhost",
      path: "/",
      expires: -1,
      httpOnly: true,
      secure: true,
      sameSite: "Lax" as const,
    };
  });
  cookie = cookies.map((c) => `${c.name}=${c.value}`).join("; ");
  return { cookies, origins: [] };
}

/** call asks the API as the administrator, past the browser. */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  if (!cookie) await adminState();
  const response = await fetch(product() + path, {
    method,
    headers: { Cookie: cookie, "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return JSON.parse((await response.text()) || "null");
}

/** until polls ask until it returns something, for a minute at most. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 60_000;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what} did not happen within a minute`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** demo returns the demo enterprise's task and its Box users by name. */
export async function demo() {
  const task = (await call<Schema<"ListTask">>("GET", "/api/tasks")).items[0];
  if (!task) throw new Error("the demo enterprise has no backup task");
  const users = (await call<Schema<"BoxUserList">>("GET", `/api/tasks/${task.id}/users?limit=200`)).items;
  return { task, users };
}

/** prepare makes sure that there is a finished restore job to look at. */
export async function prepare() {
  const { items } = await call<Schema<"JobList">>("GET", "/api/jobs");
  if (items.some((j) => j.status === "Succeeded")) return;
  const { task, users } = await demo();
  const user = users.find((u) => u.snapshot && u.items > 0);
  if (!user?.snapshot) throw new Error("no Box user is backed up");
  const path = `/api/tasks/${task.id}/users/${user.id}/snapshots/${user.snapshot}/items?limit=1`;
  const first = (await call<Schema<"ItemList">>("GET", path)).items;
  const job = await call<Schema<"Job">>("POST", "/api/jobs", {
    task: task.id,
    user: user.id,
    snapshot: user.snapshot,
    items: first.map(({ kind, id }) => ({ kind, id })),
    mode: "non_destructive",
    label: "Sample restore",
  });
  await until("the end of the sample restore", async () => {
    const { status } = await call<Schema<"Job">>("GET", `/api/jobs/${job.id}`);
    return status === "Succeeded" ? status : undefined;
  });
}
