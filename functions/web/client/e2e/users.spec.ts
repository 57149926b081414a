import type { Page } from "@playwright/test";
import { demo } from "./admin";
import { check, expect, mock, pending, test } from "./fixtures";
import { aHistory, aSnapshot, aTask, aUser, inProgress, listed, type Schema } from "./sample";

const users = (items: Schema<"BoxUser">[], more: Partial<Schema<"BoxUserList">> = {}) =>
  ({ json: listed(items, more) }) as const;

const ceiling =
  "It is stopped because the ceiling of 216 Box calls for November is reached. It continues on 1 December (UTC), or when the ceiling is raised.";

const mixed = [
  aUser(),
  aUser({
    id: "18",
    name: "Bruno Almeida",
    login: "bruno@northwind.example",
    status: "In Process",
    requested: true,
    progress: inProgress(),
  }),
  aUser({
    id: "19",
    name: "Chiara Conti",
    login: "chiara@northwind.example",
    status: "Scheduled",
    requested: true,
  }),
  aUser({
    id: "20",
    name: "Dmitri Orlov",
    login: "dmitri@northwind.example",
    status: "Failed",
    reason: "Box does not let the connected administrator read this Box user's content.",
  }),
  aUser({
    id: "21",
    name: "Emeka Okafor",
    login: "emeka@northwind.example",
    status: "Partial",
    reason: "3 of 640 items could not be backed up. They are tried again in the next backup.",
  }),
  aUser({
    id: "22",
    name: "Freya Lindqvist",
    login: "freya@northwind.example",
    status: "Not Active",
    active: false,
    lastBackup: undefined,
    size: 0,
    items: 0,
  }),
  aUser({ id: "23", name: "Gül Yıldız", login: "gul@northwind.example", status: "Paused", active: false }),
  aUser({
    id: "24",
    name: "Hiroshi Tanaka",
    login: "hiroshi@northwind.example",
    status: "Archived",
    active: false,
  }),
  aUser({
    id: "25",
    name: "Ines Costa",
    login: "ines@northwind.example",
    status: "Scheduled",
    requested: true,
    reason: ceiling,
  }),
];

const counts = {
  Success: 1,
  "In Process": 1,
  Scheduled: 1,
  Failed: 1,
  Partial: 1,
  "Not Active": 1,
  Paused: 1,
  Archived: 1,
};

async function open(
  page: Page,
  list: Parameters<typeof mock>[2],
  task = aTask({ users: { ...aTask().users, total: 8, active: 5, byStatus: counts } }),
) {
  await mock(page, "GET /api/tasks/task1", { json: task });
  await mock(page, "GET /api/tasks/task1/users", list);
  await mock(page, "GET /api/tasks/task1/tags", { json: { items: [] } satisfies Schema<"ListTag"> });
  await page.goto("/tasks/task1");
}

const select = (page: Page, name: string) => page.getByRole("checkbox", { name }).click();

async function act(page: Page, action: string) {
  await page.getByRole("button", { name: "Action", exact: true }).click();
  await page.getByRole("menuitem", { name: action }).click();
}

test.describe("the Box users of a task", () => {
  test("are listed, searched and filtered", async ({ page }) => {
    const { task } = await demo();
    await page.goto(`/tasks/${task.id}`);
    await expect(page.getByRole("row")).toHaveCount(13);
    await expect(page.getByRole("columnheader")).toHaveText([
      "",
      "User Name",
      "Email",
      "Status",
      "Tags",
      "Backup Size",
      "Last Backup Date",
      "Actions",
    ]);
    await check(page, "users");
    await page.getByRole("searchbox", { name: "Search by name or e-mail" }).fill("BRUNO.");
    await expect(page.getByRole("row")).toHaveCount(2);
    await expect(page).toHaveURL(/\?q=BRUNO\.$/);
    await page.getByRole("button", { name: /^Archived / }).click();
    await expect(page.getByRole("heading", { name: "No Box user matches" })).toBeVisible();
    await check(page, "users-no-match");
    await page.getByRole("button", { name: "Clear filters" }).click();
    await page.getByRole("button", { name: "Email" }).click();
    await page.getByRole("button", { name: "Email" }).click();
    await expect(page).toHaveURL(/\?sort=login&order=desc$/);
    await expect(page.getByRole("row").nth(1)).toContainText("Liam Byrne");
    await page.getByRole("link", { name: "Backups of Liam Byrne" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Liam Byrne" })).toBeVisible();
  });

  test("are loading", async ({ page }) => {
    await open(page, pending);
    await expect(page.getByRole("table", { name: "Box users" })).toHaveAttribute("aria-busy", "true");
    await check(page, "users-loading");
  });

  test("could not be loaded, and are with another try", async ({ page }) => {
    await open(page, { status: 500, problem: "The Box users are out of reach." }, aTask());
    await expect(page.getByRole("alert")).toContainText("The Box users are out of reach.");
    await check(page, "users-error");
    await mock(page, "GET /api/tasks/task1/users", users([aUser()]));
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByRole("link", { name: "Ada Lovegrove", exact: true })).toBeVisible();
  });

  test("of a task that is not there are said not to exist", async ({ page }) => {
    await page.goto("/tasks/nonesuch");
    await expect(page.getByRole("alert")).toContainText("This does not exist");
  });

  test("are being found after the task was connected, and then appear", async ({ page }) => {
    const none = { ...aTask().users, total: 0, active: 0, byStatus: {}, lastBackup: undefined };
    await open(page, users([aUser({ status: "Not Active", active: false })]), aTask({ users: none }));
    await expect(page.getByText("Finding the Box users of Northwind Optics")).toBeVisible();
    await check(page, "users-discovering");
    const found = { ...none, total: 1, byStatus: { "Not Active": 1 } };
    await mock(page, "GET /api/tasks/task1", { json: aTask({ users: found }) });
    await expect(page.getByRole("link", { name: "Ada Lovegrove", exact: true })).toBeVisible();
    await expect(page.getByText("1 Box user is not activated")).toBeVisible();
  });

  test("are none as long as the task was never connected", async ({ page }) => {
    const none = { ...aTask().users, total: 0, active: 0, byStatus: {}, lastBackup: undefined };
    const task = aTask({ connection: "Disconnected", enterprise: undefined, users: none });
    await open(page, users([]), task);
    await expect(page.getByRole("heading", { name: "Not connected to Box" })).toBeVisible();
    await check(page, "users-not-connected");
  });

  test("show their status with what belongs to it", async ({ page }) => {
    await open(page, users(mixed));
    const statuses = page.getByRole("group", { name: "Status" }).getByRole("button");
    await expect(statuses).toHaveCount(8);
    await expect(page.getByRole("progressbar", { name: "Backup of Bruno Almeida" })).toHaveAttribute(
      "aria-valuetext",
      "25 %, Downloading: 640 items, 120 of 480 files, 48.3 MB, 38 Box calls",
    );
    await expect(
      page.getByText("Downloading: 640 items, 120 of 480 files, 48.3 MB, 38 Box calls"),
    ).toBeVisible();
    await expect(page.getByText(/^About \d/)).toBeVisible();
    await expect(page.getByText("Starts when a worker is free")).toBeVisible();
    await expect(page.getByRole("row", { name: /Ines Costa/ })).toContainText(ceiling);
    const arrow = page.getByRole("link", { name: "Backups of Bruno Almeida" });
    await expect(arrow).toBeInViewport({ ratio: 1 });
    await check(page, "users-mixed");
    await page.setViewportSize({ width: 390, height: 1400 });
    await expect(
      page.getByRole("row", { name: /Ada Lovegrove/ }).getByText("Success", { exact: true }),
    ).toBeInViewport({ ratio: 1 });
    await expect(arrow).toBeInViewport({ ratio: 1 });
  });

  test("are very many, for all of whom something goes on in the background", async ({ page }) => {
    const vast = { ...aTask().users, total: 25_310, byStatus: { Success: 25_310 } };
    await open(page, users([aUser()], { total: 25_310, next: "n" }), aTask({ users: vast }));
    await select(page, "Select all on this page");
    await page.getByRole("button", { name: "Select all 25,310 that match" }).click();
    await act(page, "Pause");
    const answer: Schema<"ActionResult"> = { done: 0, refused: [], going: true, of: 25_310 };
    await mock(page, "POST /api/tasks/task1/users/pause", { json: answer });
    const going = { action: "pause", asked: new Date().toISOString(), by: "ada@northwind.example" } as const;
    const task = aTask({ users: vast, going: { ...going, done: 1200, of: 25_310, refused: 3 } });
    await mock(page, "GET /api/tasks/task1", { json: task });
    await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
    await expect(page.getByText("Being done for about 25,310 Box users.")).toBeVisible();
    await expect(page.getByRole("progressbar", { name: "Box users are being paused" })).toHaveAttribute(
      "aria-valuetext",
      "4 %, 1,200 of about 25,310 Box users, refused for 3",
    );
    await check(page, "users-going");
  });

  test("are counted by status among those with the tag that is chosen", async ({ page }) => {
    const sales = { id: "sales", name: "Sales", builtIn: false, users: 2 };
    await open(page, users(mixed));
    await mock(page, "GET /api/tasks/task1/tags", { json: { items: [sales] } satisfies Schema<"ListTag"> });
    const tagged = users([aUser({ tags: ["sales"] })], { byStatus: { Success: 1, Failed: 1 } });
    await mock(page, "GET /api/tasks/task1/users", tagged);
    await page.goto("/tasks/task1?tag=sales&status=Success");
    const statuses = page.getByRole("group", { name: "Status" }).getByRole("button");
    await expect(statuses.filter({ hasText: "Failed" })).toHaveText(/1$/);
    await expect(statuses.filter({ hasText: "Paused" })).toHaveText(/0$/);
  });

  test("offer no action before one is selected", async ({ page }) => {
    await open(page, users(mixed));
    const action = page.getByRole("button", { name: "Action", exact: true });
    await expect(page.getByText("No Box user selected")).toBeVisible();
    await expect(action).toBeDisabled();
    await select(page, "Select Ada Lovegrove");
    await action.click();
    await expect(page.getByRole("menuitem")).toHaveText(["Activate", "Pause", "Backup now", "Delete"]);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("menu")).toBeHidden();
    await check(page, "users-selected");
  });

  test("are backed up at once, and who could not be is named", async ({ page }) => {
    await open(page, users(mixed));
    await select(page, "Select Ada Lovegrove");
    await page.setViewportSize({ width: 1280, height: 400 });
    await select(page, "Select Hiroshi Tanaka");
    expect(await page.evaluate(() => window.scrollY)).toBeGreaterThan(100);
    await act(page, "Backup now");
    const dialog = page.getByRole("dialog", { name: "Back up 2 Box users now" });
    await expect(dialog).toContainText("when a worker is free");
    const reason = "This Box user has left the enterprise; the backup is archived.";
    await mock(page, "POST /api/tasks/task1/users/backup", {
      json: {
        done: 1,
        refused: [
          { id: "24", name: "Hiroshi Tanaka", reason },
          { id: "25", name: "Ines Costa", reason: "The backup of Ines Costa was deleted." },
        ],
      } satisfies Schema<"ActionResult">,
    });
    const sent = page.waitForRequest((r) => r.method() === "POST");
    await dialog.getByRole("button", { name: "Backup now" }).click();
    expect((await sent).postDataJSON()).toEqual({ ids: ["17", "24"] });
    await expect(page.getByText(/^Backup of 1 Box user requested/)).toBeVisible();
    const refusal = page.getByRole("alert").filter({ hasText: "Not done for 2 Box users" });
    await expect(refusal).toContainText(`Hiroshi Tanaka: ${reason}`);
    await expect(refusal).not.toContainText("Ines Costa: "); // whom the reason names already
    await expect(refusal).toBeInViewport(); // though the page is scrolled
    await expect(page.getByText("No Box user selected")).toBeVisible();
    await check(page, "users-refused");
  });

  test("are all paused who match, on other pages too", async ({ page }) => {
    await open(page, users(mixed, { total: 1234, next: "more" }));
    await page.getByRole("button", { name: "Success 1" }).click();
    await select(page, "Select all on this page");
    await page.getByRole("button", { name: "Select all 1,234 that match" }).click();
    await expect(page.getByText("1,234 Box users selected")).toBeVisible();
    await check(page, "users-all");
    await act(page, "Pause");
    const dialog = page.getByRole("dialog", { name: "Pause 1,234 Box users" });
    await expect(dialog).toContainText("scheduled backups of 1,234 Box users stop");
    await check(page, "users-pause");
    await mock(page, "POST /api/tasks/task1/users/pause", { status: 500, problem: "Not now." });
    const sent = page.waitForRequest((r) => r.method() === "POST");
    await dialog.getByRole("button", { name: "Pause" }).click();
    expect((await sent).postDataJSON()).toEqual({ all: true, status: "Success" });
    await expect(dialog.getByRole("alert")).toContainText("Not now.");
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(page.getByRole("button", { name: "Action", exact: true })).toBeFocused();
  });

  test("that are in process can be canceled", async ({ page }) => {
    await open(page, users(mixed));
    await select(page, "Select Ada Lovegrove");
    await expect(page.getByRole("button", { name: "Cancel backup" })).toBeHidden();
    await select(page, "Select Bruno Almeida");
    await page.getByRole("button", { name: "Cancel backup" }).click();
    const dialog = page.getByRole("dialog", { name: "Cancel the backup of 2 Box users" });
    await expect(dialog).toContainText("kept for the next backup");
    await dialog.getByRole("button", { name: "Let it go on" }).click();
    await expect(dialog).toBeHidden();
  });

  test("fit beside the navigation, however long their names, addresses and tags", async ({ page }) => {
    const long = aUser({
      name: "Maximiliana-Alexandrina Freifrau von Hohenstaufen zu Sayn-Berleburg",
      login: "maximiliana-alexandrina.freifrau@department-of-long-addresses.northwind-optics.example",
      tags: ["limited-access", "long"],
    });
    await open(page, users([long, ...mixed]));
    const tag = { id: "long", name: "W".repeat(40), builtIn: false, users: 1 };
    const limited = { id: "limited-access", name: "Limited Access", builtIn: true, users: 1 };
    await mock(page, "GET /api/tasks/task1/tags", {
      json: { items: [limited, tag] } satisfies Schema<"ListTag">,
    });
    await page.reload();
    const table = page.getByRole("region", { name: "Box users, table" });
    await expect(table.getByText("WWWW")).toBeVisible();
    for (const width of [1440, 1280, 1024]) {
      await page.setViewportSize({ width, height: 800 });
      await expect
        .poll(() => table.evaluate((t) => t.scrollWidth - t.clientWidth), `beyond ${width}`)
        .toBeLessThanOrEqual(0);
      await expect(table.getByText(long.login).filter({ visible: true })).toBeVisible();
    }
  });

  test("of a page that an ended session had listed are found from the first page on", async ({ page }) => {
    await mock(page, "GET /api/tasks/task1", { json: aTask() });
    await mock(page, "GET /api/tasks/task1/tags", { json: { items: [] } satisfies Schema<"ListTag"> });
    await page.route("**/api/tasks/task1/users?*", async (route) => {
      const void_ = new URL(route.request().url()).searchParams.has("cursor");
      const errors = [{ location: "cursor", message: "This cursor belongs to another list or session." }];
      await (void_
        ? route.fulfill({ status: 400, json: { status: 400, detail: errors[0]?.message, errors } })
        : route.fulfill({ json: listed(mixed) }));
    });
    await page.goto("/tasks/task1?q=a&cursor=old&page=2");
    await page.getByRole("link", { name: "First page" }).click();
    await expect(page.getByRole("row")).toHaveCount(mixed.length + 1);
    await expect(page).toHaveURL(/\/tasks\/task1\?q=a$/);
  });

  test("have pages, and another page is not of the selection's", async ({ page }) => {
    await open(page, users(mixed, { total: 60, next: "second" }));
    await expect(page.getByText("Page 1, 60 Box users in all")).toBeVisible();
    await page.getByRole("button", { name: "Next" }).click();
    await expect(page).toHaveURL(/\?cursor=second&page=2$/);
    await page.getByRole("button", { name: "Previous" }).click();
    await expect(page).toHaveURL(/\/tasks\/task1$/);
  });
});

test.describe("a Box user", () => {
  const user = async (
    page: Page,
    some: Partial<Schema<"BoxUser">>,
    snapshots?: Parameters<typeof mock>[2],
    history: Parameters<typeof mock>[2] = { json: aHistory() },
  ) => {
    await mock(page, "GET /api/tasks/task1/users/17/history", history);
    await mock(page, "GET /api/tasks/task1", { json: aTask() });
    await mock(page, "GET /api/tasks/task1/users/17", { json: aUser(some) });
    await mock(
      page,
      "GET /api/tasks/task1/users/17/snapshots",
      snapshots ?? { json: { items: [aSnapshot()] } satisfies Schema<"ListSnapshot"> },
    );
    await page.goto("/tasks/task1/users/17");
  };

  test("is paused, activated and backed up once more", async ({ page }) => {
    const { task, users } = await demo();
    const kavya = users.find((u) => u.name === "Kavya Iyer");
    await page.goto(`/tasks/${task.id}/users/${kavya?.id}`);
    await expect(page.getByRole("heading", { level: 1, name: "Kavya Iyer" })).toBeVisible();
    await expect(page.getByRole("link", { name: "Recovery" }).last()).toHaveAttribute(
      "href",
      `/recovery/${task.id}/${kavya?.id}`,
    );
    await expect(page.getByRole("cell", { name: "All folders listed" })).toBeVisible();
    const chart = page.getByRole("img", { name: /^Items backed up in 30 days/ });
    await expect(chart).toHaveAccessibleName(/most of them on/);
    const files = page.getByRole("region", { name: "Files" });
    await expect(files.getByText(/^\d{2,}$/)).toBeVisible();
    await check(page, "user");
    const backups = page.getByRole("table", { name: "Last backups" }).getByRole("row");
    const before = await backups.count();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
    await expect(page.getByText("Kavya Iyer paused.")).toBeVisible();
    await page.getByRole("button", { name: "Activate" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Activate" }).click();
    await expect(page.getByText("Kavya Iyer activated.")).toBeVisible();
    await page.getByRole("button", { name: "Backup now" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Backup now" }).click();
    await expect(page.getByText(/^Backup of Kavya Iyer requested/)).toBeVisible();
    await expect(backups).toHaveCount(before + 1, { timeout: 60_000 });
  });

  test("is loading", async ({ page }) => {
    await mock(page, "GET /api/tasks/task1", { json: aTask() });
    await mock(page, "GET /api/tasks/task1/users/17", pending);
    await page.goto("/tasks/task1/users/17");
    await expect(page.getByRole("status", { name: "Loading the Box user" })).toBeVisible();
    await check(page, "user-loading");
  });

  test("who is not there is said not to exist", async ({ page }) => {
    const { task } = await demo();
    await page.goto(`/tasks/${task.id}/users/nobody`);
    await expect(page.getByRole("alert")).toContainText("This does not exist");
    await check(page, "user-missing");
  });

  test("has a chart of the days, whose range and form can be chosen", async ({ page }) => {
    const why = "Box has no more events of the enterprise.";
    const rows = [
      aSnapshot({ drift: 2 }),
      aSnapshot({ id: "s0", method: "enterprise_stream", same: "s", why, added: 0, changed: 0 }),
    ];
    await user(
      page,
      {
        external: 4,
        drift: 2,
        reconciled: "2026-11-20T01:00:00Z",
        verified: "2026-11-21T03:00:00Z",
        damage: "2 of 66 items cannot be read: Minutes.docx and Plan.txt. The next backup fetches them anew.",
      },
      { json: { items: rows } satisfies Schema<"ListSnapshot"> },
    );
    const history = page.getByRole("region", { name: "Backup history" });
    await expect(history.getByRole("img", { name: /^Items backed up in 30 days: \d+, most/ })).toBeVisible();
    await expect(history.getByRole("region", { name: "Web links" })).toContainText("Success");
    await expect(page.getByRole("cell", { name: "Enterprise's changes" })).toContainText(why);
    await expect(page.getByText("2 items differed from what Box's events had told.")).toBeVisible();
    await expect(page.getByText("Items of other companies")).toBeVisible();
    await expect(page.getByRole("definition").filter({ hasText: "Nov 21, 2026" })).toBeVisible();
    await expect(page.getByRole("note")).toContainText("2 of 66 items cannot be read");
    await check(page, "user-history");
    const days = aHistory().days;
    await history.locator(`[data-day="${days[17]?.date}"]`).hover();
    await expect(page.getByRole("tooltip")).toContainText(/Files\d+Folders2/);
    await history.getByRole("slider", { name: "Last day" }).focus();
    const asked = page.waitForRequest((r) => r.url().includes(`to=${days[28]?.date}`));
    await page.keyboard.press("ArrowLeft");
    await asked;
    await expect(history.getByRole("slider", { name: "Last day" })).toBeFocused();
    await expect(page).toHaveURL(new RegExp(`to=${days[28]?.date}`));
    await history.getByRole("button", { name: "Show as a table" }).click();
    await expect(history.getByRole("table", { name: "Backups by day" }).getByRole("row")).toHaveCount(31);
    await check(page, "user-history-table");
  });

  test("has its history loading, failing and without a change", async ({ page }) => {
    await user(page, {}, undefined, pending);
    await expect(page.getByRole("status", { name: "Loading the backup history" })).toBeVisible();
    await check(page, "user-history-loading");
    await page.unrouteAll();
    await user(page, {}, undefined, { status: 500, problem: "The history is out of reach." });
    await expect(page.getByRole("alert")).toContainText("The history is out of reach.");
    await check(page, "user-history-error");
    const quiet = aHistory().days.map((d) => ({
      ...d,
      added: 0,
      changed: 0,
      files: 0,
      folders: 0,
      webLinks: 0,
    }));
    await mock(page, "GET /api/tasks/task1/users/17/history", { json: { ...aHistory(), days: quiet } });
    await page.getByRole("alert").getByRole("button", { name: "Try again" }).click();
    await expect(page.getByText("No item was new or changed in these days.")).toBeVisible();
    await page.mouse.move(0, 0); // away from the columns, which tell more
    await check(page, "user-history-quiet");
  });

  test("without a backup has none listed", async ({ page }) => {
    const never = { firstBackup: undefined, lastBackup: undefined, snapshot: undefined, size: 0, items: 0 };
    await user(page, { ...never, status: "Not Active", active: false }, { json: { items: [] } });
    await expect(page.getByRole("heading", { name: "No backup yet" })).toBeVisible();
    await expect(page.getByText("not backed up on schedule until it is activated")).toBeVisible();
    await check(page, "user-empty");
  });

  test("has its backups loaded with another try", async ({ page }) => {
    await user(page, {}, { status: 500, problem: "The backups are out of reach." });
    await expect(page.getByRole("alert")).toContainText("The backups are out of reach.");
    await check(page, "user-error");
  });

  test("in process shows how far the backup is, and it can be canceled", async ({ page }) => {
    await user(page, { status: "In Process", requested: true, progress: inProgress() });
    await expect(page.getByRole("progressbar", { name: "Backup of Ada Lovegrove" })).toBeVisible();
    await expect(page.getByText(/38 Box calls/)).toBeVisible();
    await check(page, "user-in-process");
    await page.getByRole("button", { name: "Cancel backup" }).click();
    await mock(page, "POST /api/tasks/task1/users/cancel", {
      json: { done: 1, refused: [] } satisfies Schema<"ActionResult">,
    });
    const dialog = page.getByRole("dialog", { name: "Cancel the backup of Ada Lovegrove" });
    await dialog.getByRole("button", { name: "Cancel backup" }).click();
    await expect(page.getByText("The backup of Ada Lovegrove is being cancelled.")).toBeVisible();
  });

  test("whose backup waits for the ceiling says so, and when it goes on", async ({ page }) => {
    await user(page, { status: "Scheduled", requested: true, reason: ceiling });
    const calls = { month: "2026-11", used: 216, forecast: 216, ceiling: 216, byKind: {} };
    const stoppedUntil = new Date(Date.now() + 7.5 * 86_400_000).toISOString();
    await mock(page, "GET /api/tasks/task1", { json: aTask({ calls: { ...calls, stoppedUntil } }) });
    await page.reload();
    const alert = page.getByRole("status").filter({ hasText: "A backup is requested, and waits" });
    await expect(alert).toContainText(ceiling);
    await expect(page.getByText("in 7 days")).toBeVisible();
    await check(page, "user-ceiling");
  });

  test("whose access is limited says so to others than the primary user, without charts", async ({
    page,
  }) => {
    const hidden = { locked: true, size: 0, items: 0, snapshot: undefined, tags: ["limited-access"] };
    const refused = { status: 404, problem: "Access to this Box user is limited." } as const;
    await user(page, hidden, refused, refused);
    await expect(page.getByRole("status").filter({ hasText: "Access is limited" })).toContainText(
      "Ask the primary user",
    );
    await expect(page.getByRole("alert")).toHaveCount(0);
    await expect(page.getByText("Backup history")).toBeHidden();
    await expect(page.getByText("0 bytes")).toBeHidden();
    await check(page, "user-limited");
    await mock(page, "GET /api/tasks/task1/users", users([aUser(hidden)]));
    await page.goto("/recovery/task1");
    const row = page.getByRole("row", { name: /Ada Lovegrove/ });
    await expect(row).toContainText("Access is limited; ask the primary user");
    await expect(row.getByRole("link")).toHaveCount(0);
    await expect(row).not.toContainText("0 bytes");
    await check(page, "recovery-users-limited");
    await page.goto("/recovery/task1/17");
    await expect(page.getByRole("status").filter({ hasText: "Access is limited" })).toBeVisible();
    await expect(page.getByRole("radio")).toHaveCount(0);
    await page.goto("/recovery/task1/17/snapshot1");
    await expect(page.getByRole("status").filter({ hasText: "Access is limited" })).toBeVisible();
  });

  test("who left says until when the archive is kept", async ({ page }) => {
    const archived = "2026-11-01T08:00:00Z";
    await user(page, { status: "Archived", active: false, archived });
    const policy = { ...aTask().policy, archiveDays: 30 };
    await mock(page, "GET /api/tasks/task1", { json: aTask({ policy }) });
    await page.reload();
    await expect(page.getByText("Deleted for good on")).toBeVisible();
    await expect(page.getByText(/is kept until Dec 1, 2026, then deleted for good/)).toBeVisible();
    await check(page, "user-archived");
  });

  test("that Failed says why and what to do", async ({ page }) => {
    await user(page, { status: "Failed", reason: "Box or the storage could not be used for a while." });
    const alert = page.getByRole("status").filter({ hasText: "The last backup failed" });
    await expect(alert).toContainText("Box or the storage could not be used for a while.");
    await expect(alert.getByRole("link", { name: "connection to Box" })).toBeVisible();
    await check(page, "user-failed");
  });

  test("with a Partial backup lists what failed and why", async ({ page }) => {
    const failures: Schema<"Failure">[] = [
      {
        id: "9",
        kind: "file",
        name: "Minutes.docx",
        path: ["Board", "2026"],
        reason: "Box answered that the file is locked.",
        since: "2026-11-18T01:05:00Z",
        nextTry: "2126-11-24T01:05:00Z",
      },
      {
        id: "11",
        kind: "folder",
        reason: "Box does not let the administrator list this folder.",
        since: "2026-11-20T01:05:00Z",
      },
    ];
    const partial = aSnapshot({ status: "Partial", failed: 2 });
    await mock(page, "GET /api/tasks/task1/users/17/snapshots/snapshot1", {
      json: partial,
    });
    await page.route("**/snapshots/snapshot1/failures?*", (route) => {
      const first = !route.request().url().includes("cursor=more");
      const json: Schema<"ListFailure"> = first
        ? { items: failures.slice(0, 1), total: 2, next: "more" }
        : { items: failures.slice(1), total: 2 };
      return route.fulfill({ json });
    });
    await user(
      page,
      { status: "Partial", reason: "2 of 66 items could not be backed up." },
      {
        json: { items: [partial, aSnapshot({ id: "snapshot0" })] } satisfies Schema<"ListSnapshot">,
      },
    );
    await page.getByRole("link", { name: "See what failed and why" }).click();
    const table = page.getByRole("table", { name: "Items not backed up" });
    await expect(table).toBeInViewport();
    const first = table.getByRole("row", { name: /Minutes.docx Board \/ 2026 File Box answered/ });
    await expect(first).toContainText(/Nov 18, 2026.*Nov 24, 2126/);
    await expect(table.getByRole("row")).toHaveCount(2);
    await page.getByRole("button", { name: "Show 1 more" }).click();
    await expect(table.getByRole("row", { name: /Box ID 11 Folder/ })).toContainText("None planned");
    await expect(page.getByRole("link", { name: "Export CSV" })).toHaveAttribute("href", /failures\.csv$/);
    await check(page, "user-partial");
    await page.getByRole("button", { name: "Close", exact: true }).click();
    await expect(table).toBeHidden();
    await page.getByRole("link", { name: "2 failed, show them" }).click();
    await expect(table).toBeInViewport();
  });
});
