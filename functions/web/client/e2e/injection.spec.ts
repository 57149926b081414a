import { expect, mock, test } from "./fixtures";
import { aSnapshot, aTask, aUser, listed, type Schema } from "./sample";

const run = "window.ran=1";
const tags = ["script", "img", "svg", "iframe", "object", "embed", "math", "body", "input", "a"];
const payloads = [
  ...tags.map((tag) => `<${tag} onload=${run} onerror=${run} onfocus=${run} autofocus src=x>`),
  ...tags.map((tag) => `"><${tag}>${run}</${tag}>`),
  ...tags.map((tag) => `</${tag}><script>${run}</script>`),
  ...["javascript:", "JaVaScRiPt:", "java\tscript:", "data:text/html,<script>", "vbscript:"].map(
    (s) => s + run,
  ),
  ...["{{", "${", "<%", "#{", "[["].map((open) => `${open}constructor.constructor('${run}')()}}`),
  ...["'", '"', "`", "\\", "&quot;"].map((quote) => `${quote};${run};//${quote}`),
  ...["\u2028", "\u0000", "\u202e", "\ufeff", "\r\n"].map((mark) => `${mark}<script>${run}</script>`),
];

/** named gives each of some things a payload as its name. */
const named = <T>(make: (name: string, i: number) => T) => payloads.map(make);

/** detailsOf returns the details of an item in which each payload is everywhere that people write something. */
function detailsOf(path: Schema<"Item">[]): Schema<"ItemDetails"> {
  const [who] = payloads;
  return {
    id: "i0",
    kind: "file",
    name: `${who}`,
    state: "complete",
    description: payloads.join(" "),
    tags: payloads,
    path,
    createdBy: who,
    modifiedBy: who,
    classification: who,
    sharedLink: { url: `javascript:${run}`, vanity: who, access: who, canDownload: true, canEdit: false },
    collaborations: named((name) => ({ who: name, login: name, role: name, status: name })),
    comments: named((name, i) => ({ id: `${i}`, by: name, message: name })),
    tasks: named((name) => ({ action: name, message: name, assignees: [{ who: name, state: name }] })),
    metadata: named((name) => ({ scope: name, template: name, fields: { [name]: name } })),
    versions: named((name, i) => ({
      id: `${i}`,
      name,
      size: 1,
      sha1: "",
      state: "complete",
      modifiedBy: name,
    })),
  };
}

test("names run nothing, wherever they are shown (B3)", async ({ page }) => {
  expect(payloads.length).toBe(50);
  const tasks = named((name, i) => aTask({ id: `t${i}`, name, reason: name, connection: "Disconnected" }));
  const users = named((name, i) => aUser({ id: `u${i}`, name, login: name, status: "Failed", reason: name }));
  const items = named(
    (name, i): Schema<"Item"> => ({
      id: `i${i}`,
      kind: i % 2 ? "web_link" : "file",
      name,
      url: i % 2 ? name : undefined,
      description: name,
      ownedBy: name,
      state: "complete",
    }),
  );
  const [task = aTask(), user = aUser()] = [tasks[0], users[0]];
  await mock(page, "GET /api/tasks", { json: { items: tasks, total: 50 } satisfies Schema<"ListTask"> });
  await mock(page, "GET /api/tasks/t0", { json: task });
  await mock(page, "GET /api/tasks/t0/users", {
    json: listed(users, { total: 50 }),
  });
  await mock(page, "GET /api/tasks/t0/users/u0", { json: user });
  await mock(page, "GET /api/tasks/t0/users/u0/snapshots/s0", {
    json: aSnapshot({ id: "s0", why: payloads[0] }),
  });
  await mock(page, "GET /api/tasks/t0/users/u0/snapshots/s0/items", {
    json: { items, total: 50, path: [] } satisfies Schema<"ItemList">,
  });
  await mock(page, "GET /api/tasks/t0/users/u0/snapshots/s0/items/*/details", { json: detailsOf(items) });
  for (const address of [
    "/",
    "/tasks/t0",
    "/tasks/t0/users/u0",
    "/recovery/t0",
    "/recovery/t0/u0/s0",
    "/billing",
  ]) {
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.getByText(run).first()).toBeVisible();
    if (address === "/recovery/t0/u0/s0") {
      await page
        .getByRole("button", { name: /^Details of / })
        .first()
        .click();
      await expect(page.getByRole("dialog").getByText(run).nth(500)).toBeAttached();
    }
    expect(await page.evaluate(() => "ran" in window), address).toBe(false);
    const links = await page
      .getByRole("link")
      .evaluateAll((all) => all.map((a) => a.getAttribute("href") ?? ""));
    expect(
      links.filter((href) => !href.startsWith("/") && !href.startsWith("#")),
      address,
    ).toEqual([]);
  }
});
