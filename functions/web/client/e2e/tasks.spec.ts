import { readFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";
import { check, expect, mock, nobody, pending, test } from "./fixtures";
import { enterBrowser, newcomer } from "./newcomer";
import { aTask, aUser, inProgress, listed, type Schema } from "./sample";

const tasks = (...items: Schema<"Task">[]) =>
  ({ json: { items, total: items.length } satisfies Schema<"ListTask"> }) as const;

test.describe("the homepage", () => {
  test("lists the backup tasks, and a task opens by its name", async ({ page }) => {
    await page.goto("/");
    const row = page.getByRole("row", { name: /Northwind Optics/ });
    await expect(row).toContainText("12 of 12 active");
    await check(page, "home");
    await row.getByRole("link", { name: "Northwind Optics" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Northwind Optics" })).toBeVisible();
    await expect(page).toHaveTitle("Box users of Northwind Optics · Coffer");
  });

  test("exports the usage report as a file and by e-mail", async ({ page }) => {
    await page.goto("/");
    await page.getByRole("button", { name: "Export" }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: "Download usage report" }).click();
    const text = await readFile(await (await download).path(), "utf8");
    expect(text).toContain('"Task","Name","E-mail"');
    expect(text).toContain("ada.lovegrove@northwind.example");
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("menuitem", { name: "Send usage report by e-mail" }).click();
    await expect(page.getByText("The usage report is on its way")).toBeVisible();
    await expect
      .poll(async () => (await fetch(`${process.env.PRODUCT}/_local/mail/mails.json`)).text(), {
        timeout: 30_000,
      })
      .toContain("usage report");
  });

  test("says why the usage report could not be sent", async ({ page }) => {
    await mock(page, "POST /api/usage-report", { status: 503, problem: "Mail cannot be sent for now." });
    await page.goto("/");
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("menuitem", { name: "Send usage report by e-mail" }).click();
    await expect(page.getByRole("alert")).toContainText("Mail cannot be sent for now.");
  });

  test("is loading", async ({ page }) => {
    await mock(page, "GET /api/tasks", pending);
    await page.goto("/");
    await expect(page.getByRole("table", { name: "Backup tasks" })).toHaveAttribute("aria-busy", "true");
    await check(page, "home-loading");
  });

  test("leads an account without tasks to its first one", async ({ page }) => {
    await mock(page, "GET /api/tasks", tasks());
    await page.goto("/");
    await expect(page.getByRole("heading", { name: "Create your first backup task" })).toBeVisible();
    await expect(page.getByRole("listitem")).toHaveCount(3);
    await check(page, "home-first");
    await page.getByRole("link", { name: "Add Backup Task" }).click();
    await expect(page.getByRole("heading", { name: "Add a backup task" })).toBeVisible();
  });

  test("says that it could not be loaded, and tries again", async ({ page }) => {
    await mock(page, "GET /api/tasks", { status: 500, problem: "The list is out of reach." });
    await page.goto("/");
    await expect(page.getByRole("alert")).toContainText("The list is out of reach.");
    await check(page, "home-error");
    await page.unrouteAll();
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByRole("link", { name: "Northwind Optics" })).toBeVisible();
  });

  test("shows problems, progress and what is not backed up", async ({ page }) => {
    const { phase: _, ...progress } = inProgress();
    await mock(
      page,
      "GET /api/tasks",
      tasks(
        aTask({
          users: {
            ...aTask().users,
            total: 14,
            byStatus: { Success: 9, Failed: 2, Partial: 1, "Not Active": 2 },
          },
        }),
        aTask({ id: "task2", name: "Fabrikam", progress: { ...progress, running: 3 } }),
        aTask({
          id: "task3",
          name: "Contoso",
          connection: "Disconnected",
          reason: "Box no longer accepts the authorisation of this backup task.",
        }),
      ),
    );
    await page.goto("/");
    await expect(page.getByText("2 Box users are not activated")).toBeVisible();
    await expect(page.getByText("1 backup task is Disconnected")).toBeVisible();
    await expect(page.getByRole("progressbar", { name: "Backing up 3 Box users" })).toBeVisible();
    await expect(page.getByText(/640 items, 120 of 480 files, 48.3 MB, 38 Box calls/)).toBeVisible();
    await expect(page.getByText(/^About \d/)).toBeVisible();
    await check(page, "home-busy");
    await expect(
      page.getByRole("link", { name: "2 Box users of Northwind Optics", exact: true }),
    ).toHaveAttribute("href", "/tasks/task1?status=Not+Active");
    await expect(page.getByRole("link", { name: "Failed 2 Box users of Northwind Optics" })).toHaveAttribute(
      "href",
      "/tasks/task1?status=Failed",
    );
  });

  test("fits a small screen, however long the names and whatever the problems", async ({ page }) => {
    const { phase: _, ...progress } = inProgress();
    const long = "Northwind Optics International Holding and Research, all departments and branches";
    const calls = {
      month: "2026-11",
      used: 1_234_567,
      forecast: 2_345_678,
      ceiling: 1_500_000,
      byKind: {},
    };
    const users = {
      ...aTask().users,
      total: 123_456,
      active: 123_400,
      size: 987_654_321_012,
      byStatus: { Failed: 12_345, Partial: 6_789 },
    };
    await mock(
      page,
      "GET /api/tasks",
      tasks(
        aTask({
          name: long,
          enterprise: { id: "1", name: long, administrator: "ada@northwind.example" },
          users,
          calls,
          overdue: 3,
          damage: "One.",
        }),
        aTask({ id: "task2", name: "W".repeat(100), users, calls, progress: { ...progress, running: 20 } }),
        aTask({
          id: "task3",
          name: "Contoso",
          users,
          calls: { ...calls, used: 1_500_000, stoppedUntil: "2026-12-01T00:00:00Z" },
        }),
        aTask({ id: "task4", name: "Fabrikam", connection: "Disconnected", calls }),
      ),
    );
    await page.goto("/");
    const table = page.getByRole("region", { name: "Backup tasks, table" });
    await expect(table.getByRole("row")).toHaveCount(5);
    for (const width of [1280, 1265, 1024]) {
      await page.setViewportSize({ width, height: 800 });
      await expect
        .poll(() => table.evaluate((t) => t.scrollWidth - t.clientWidth), `beyond ${width} px`)
        .toBe(0);
      await check(page, `home-long-${width}`);
    }
    await expect(table.getByRole("link", { name: long, exact: true })).toHaveAttribute("title", long);
    await expect(table.getByText(`Box · ${long}`)).toHaveAttribute("title", long);
  });

  test("finds a task by a keyword, and says when there is none", async ({ page }) => {
    await page.goto("/");
    const search = page.getByRole("searchbox", { name: "Search backup tasks" });
    await search.fill("optics");
    await expect(page).toHaveURL(/\?q=optics$/);
    await expect(page.getByRole("link", { name: "Northwind Optics" })).toBeVisible();
    await search.fill("nothing of that name");
    await expect(page.getByRole("heading", { name: "No backup task matches" })).toBeVisible();
    await check(page, "home-no-match");
    await page.getByRole("button", { name: "Clear filters" }).click();
    await expect(page.getByRole("link", { name: "Northwind Optics" })).toBeVisible();
    await expect(search).toHaveValue("");
  });

  test("sorts by a column, in the address", async ({ page }) => {
    await page.goto("/");
    await page.getByRole("button", { name: "Size" }).click();
    await expect(page).toHaveURL(/\?sort=size&order=asc$/);
    await page.getByRole("button", { name: "Size" }).click();
    await expect(page.getByRole("columnheader", { name: "Size" })).toHaveAttribute("aria-sort", "descending");
  });

  test("says what to do when an authorisation expired", async ({ page }) => {
    await page.goto("/?connect=expired");
    await expect(page.getByRole("alert")).toContainText("The connection to Box was not finished");
    await check(page, "home-expired");
    await page.getByRole("button", { name: "Dismiss" }).click();
    await expect(page.getByRole("alert")).toBeHidden();
    await expect(page).toHaveURL(/\/$/);
  });
});

test("the homepage reminds of tasks that a search or another page leaves out", async ({ page }) => {
  const idle = { ...aTask().users, byStatus: { "Not Active": 2 } };
  const cut = aTask({ id: "task2", name: "Fabrikam", connection: "Disconnected", users: idle });
  await page.route(
    (url) => url.pathname === "/api/tasks",
    (route) => {
      const whole = new URL(route.request().url()).searchParams.get("limit") === "200";
      const items = whole ? [aTask(), cut] : [aTask()];
      return route.fulfill({ json: { items, total: 2, next: whole ? undefined : "more" } });
    },
  );
  for (const path of ["/", "/?q=acme"]) {
    await page.goto(path);
    await expect(page.getByText("1 backup task is Disconnected")).toBeVisible();
    await expect(page.getByText("2 Box users are not activated")).toBeVisible();
  }
});

test("a name of one long word leaves everything in its place", async ({ page }) => {
  const long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";
  const none = { ...aTask().users, total: 0, active: 0, byStatus: {} };
  const task = aTask({ name: long, connection: "Disconnected", users: none });
  const inside = async (what: Locator, frame: Locator) => {
    const [inner, outer] = [await what.boundingBox(), await frame.boundingBox()];
    expect((inner?.x ?? 0) + (inner?.width ?? 9999)).toBeLessThan((outer?.x ?? 0) + (outer?.width ?? 0));
  };
  await mock(page, "GET /api/tasks/task1", { json: task });
  await mock(page, "GET /api/tasks/task1/users", { json: listed([]) });
  await mock(page, "GET /api/tasks/task1/users/17", { json: aUser({ name: long }) });
  for (const address of ["/tasks/task1", "/tasks/task1/users/17"]) {
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1, name: long })).toBeVisible();
    await check(page, "long-name");
  }
  await mock(page, "GET /api/tasks", { json: { items: [task], total: 1 } });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/");
  await page.getByRole("button", { name: `Menu of ${long}` }).click();
  await page.getByRole("menuitem", { name: "Delete Backup" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("The backup task is removed. No backup runs any more");
  await inside(dialog.getByRole("button", { name: "Close" }), dialog);
  await page.goto("/?deleted=shown");
  await inside(dialog.getByRole("button", { name: "Undo the deletion" }), dialog);
});

test("the calls of a task are shown with a forecast, and when they go on", async ({ page }) => {
  const byKind = { "folder.items": 9_000, "event.changes": 2_300, "zip.create": 1_045 };
  const calls = { month: "2026-11", used: 12_345, forecast: 20_100, ceiling: 50_000, byKind };
  await mock(page, "GET /api/tasks/task1", { json: aTask({ calls }) });
  await page.goto("/tasks/task1/settings");
  await expect(page.getByText("12,345 of 50,000")).toBeVisible();
  await expect(page.getByText("About 20,100 by the month's end")).toBeVisible();
  await expect(page.getByRole("progressbar", { name: "Box calls of the month" })).toHaveAttribute(
    "aria-valuetext",
    "12,345 of 50,000, about 20,100 by the month's end",
  );
  await page.getByRole("button", { name: "What the Box calls are for" }).click();
  const purposes = page.getByRole("dialog");
  await expect(purposes.getByRole("definition")).toHaveText(["9,000", "2,300", "1,045"]);
  await expect(purposes).toContainText("Listing folders");
  await check(page, "task-calls-kinds");
  const stoppedUntil = "2026-12-01T00:00:00Z";
  await mock(page, "GET /api/tasks/task1", { json: aTask({ calls: { ...calls, stoppedUntil } }) });
  await page.reload();
  await expect(page.getByText(/^The ceiling is reached; continues on Dec 1, 2026/)).toBeVisible();
  await check(page, "task-calls");
});

test("the homepage shows each task's Box calls against its ceiling", async ({ page }) => {
  const calls = { month: "2026-11", used: 12_345, forecast: 20_100, ceiling: 0, byKind: {} };
  const items = [
    aTask({ calls, damage: "An item cannot be read.", overdue: 2, lapses: "2026-12-01T00:00:00Z" }),
    aTask({ id: "2", name: `Below ${"x".repeat(80)}`, calls: { ...calls, ceiling: 50_000 } }),
    aTask({ id: "3", name: "Too much", calls: { ...calls, ceiling: 15_000 } }),
    aTask({
      id: "4",
      name: "Stopped",
      calls: { ...calls, ceiling: 12_345, stoppedUntil: "2026-12-01T00:00:00Z" },
    }),
  ];
  await mock(page, "GET /api/tasks", { json: { items, total: 4 } satisfies Schema<"ListTask"> });
  await page.goto("/");
  await expect(page.getByRole("progressbar", { name: "Box calls of the month" })).toHaveCount(3);
  await expect(page.getByRole("row", { name: /^Northwind/ })).toContainText(/lapses.*Damaged.*Overdue/);
  await expect(page.getByRole("row", { name: "Too much" })).toContainText("more than the ceiling");
  await expect(page.getByRole("row", { name: "Stopped" })).toContainText("The ceiling is reached");
  await expect(page.getByRole("link", { name: "Ceiling reached Stopped" })).toBeVisible();
  await expect(
    page.getByRole("row", { name: "Stopped" }).getByRole("button", { name: /^Menu/ }),
  ).toBeInViewport();
  await check(page, "home-calls");
});

test("the Box users who left and whose backups were deleted are counted, and found", async ({ page }) => {
  const users = { ...aTask().users, archived: 3, deleted: 1, byStatus: { Success: 9, Archived: 3 } };
  await mock(page, "GET /api/tasks/task1", { json: aTask({ users }) });
  await mock(page, "GET /api/tasks/task1/tags", { json: { items: [] } satisfies Schema<"ListTag"> });
  await mock(page, "GET /api/tasks/task1/users", {
    json: listed([aUser()]),
  });
  await page.goto("/tasks/task1/settings");
  const asked = page.waitForRequest(/\/users\?.*status=Archived/);
  await page.getByRole("link", { name: "3 archived" }).click();
  await asked;
  await expect(page).toHaveURL(/\/tasks\/task1\?status=Archived$/);
  await page.getByRole("link", { name: "1 deleted" }).click();
  await expect(page).toHaveURL(/\?deleted=shown$/);
  const dialog = page.getByRole("dialog", { name: "Recently deleted backups of Box users" });
  await expect(dialog.getByRole("row", { name: /Ada Lovegrove/ })).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(page).toHaveURL(/\/tasks\/task1$/);
  await check(page, "task-gone");
});

test.describe("a new task", () => {
  test("needs a name", async ({ page }) => {
    await page.goto("/tasks/new");
    await expect(page.getByRole("radio", { name: /^Box/ })).toBeChecked();
    await page.getByRole("button", { name: "Authenticate in Box" }).click();
    await expect(page.getByRole("textbox", { name: "Backup Name" })).toHaveAccessibleDescription(/Give the/);
    await expect(page.getByRole("textbox", { name: "Backup Name" })).toBeFocused();
    await check(page, "task-new");
    await page.getByRole("link", { name: "Cancel" }).click();
    await expect(page.getByRole("heading", { name: "Homepage" })).toBeVisible();
  });

  test("can be connected with an own Box app from the beginning", async ({ page }) => {
    await page.goto("/tasks/new");
    await expect(page.getByRole("radio", { name: "Sign in to Box as an administrator" })).toBeChecked();
    await page.getByRole("textbox", { name: "Backup Name" }).fill("With an app");
    await page.getByRole("radio", { name: "Use our own Box app" }).click();
    await check(page, "task-new-app");
    const task = aTask({ name: "With an app", connection: "Disconnected", enterprise: undefined });
    await mock(page, "POST /api/tasks", { json: task });
    await mock(page, "GET /api/tasks/task1", { json: task });
    await page.getByRole("button", { name: "Continue" }).click();
    const dialog = page.getByRole("dialog", { name: "Connect with your own Box app" });
    await expect(dialog.getByRole("textbox", { name: "Client ID" })).toBeVisible();
    await expect(page.getByRole("heading", { level: 1, name: "With an app" })).toBeVisible();
  });

  test("says what the server refuses", async ({ page }) => {
    await mock(page, "POST /api/tasks", { status: 503, problem: "No task can be created at the moment." });
    await page.goto("/tasks/new");
    await page.getByRole("textbox", { name: "Backup Name" }).fill("Box");
    await page.getByRole("button", { name: "Authenticate in Box" }).click();
    await expect(page.getByRole("alert")).toContainText("No task can be created at the moment.");
  });
});

test.describe("from signing up to the first backup", () => {
  test.use({ storageState: nobody });

  test("nobody ends with two tasks, whatever happens in Box, and the Box users are found and backed up", async ({
    page,
  }) => {
    await enterBrowser(page, await newcomer());
    await page.goto("/");
    await page.getByRole("link", { name: "Add Backup Task" }).click();
    await page.getByRole("textbox", { name: "Backup Name" }).fill("All of Box");
    await page.getByRole("button", { name: "Authenticate in Box" }).click();
    await expect(page.getByRole("heading", { name: "Grant access to Box" })).toBeVisible();
    await page.goBack();
    await expect(page.getByRole("heading", { level: 1, name: "All of Box" })).toBeVisible();
    await expect(page.getByText("No Box administrator has authorised this backup task yet.")).toBeVisible();
    await page.goForward();
    await page.getByRole("button", { name: "Deny access to Box" }).click();

    await expect(page.getByRole("alert")).toContainText("Access was not granted in Box");
    await expect(page).toHaveURL(/\/settings\?connect=denied$/);
    await check(page, "task-settings-denied");
    await tryAgainAs(page, "liam.byrne@northwind.example");
    await expect(page.getByRole("alert")).toContainText("not an administrator");
    await tryAgainAs(page, "ada.lovegrove@northwind.example");

    await expect(page.getByText("Connected to Northwind Optics")).toBeVisible();
    await expect(page.getByText("It has 12 Box users.")).toBeVisible();
    await check(page, "task-settings-connected");
    await page.getByRole("link", { name: "Go to the Box users" }).click();
    await page.getByRole("button", { name: "Activate all 12 Box users" }).click();
    const activate = page.getByRole("dialog", { name: "Activate 12 Box users" });
    await expect(activate).toContainText("daily at 01:00 UTC");
    await check(page, "users-activate");
    await activate.getByRole("button", { name: "Activate" }).click();
    await expect(page.getByText("12 Box users activated.")).toBeVisible();
    await expect(page.getByRole("button", { name: "Scheduled 12" })).toBeVisible();

    await page.getByRole("checkbox", { name: "Select all on this page" }).click();
    await page.getByRole("button", { name: "Action", exact: true }).click();
    await page.getByRole("menuitem", { name: "Backup now" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Backup now" }).click();
    await expect(page.getByText(/^Backup of 12 Box users requested/)).toBeVisible();
    await expect(page.getByRole("button", { name: "Success 12" })).toBeVisible({ timeout: 90_000 });
    await expect(page.getByRole("cell", { name: "Success" })).toHaveCount(12);

    await page.getByRole("link", { name: "Homepage" }).first().click();
    await expect(page.getByRole("link", { name: "All of Box" })).toHaveCount(1);
  });
});

async function tryAgainAs(page: Page, login: string) {
  await page.getByRole("alert").getByRole("button", { name: "Authenticate in Box" }).click();
  await page.getByRole("combobox", { name: "Sign in as" }).selectOption(login);
  await page.getByRole("button", { name: "Grant access to Box" }).click();
}

test("a task says that backups are too old, and why", async ({ page }) => {
  const overdueReason = "Ann Archer: No backup was started.";
  await mock(page, "GET /api/tasks/task1", { json: aTask({ overdue: 1, overdueReason }) });
  await mock(page, "GET /api/tasks/task1/users", { json: { items: [], total: 0 } });
  await page.goto("/tasks/task1");
  const note = page.getByRole("note").filter({ hasText: "One Box user has no recent backup" });
  await expect(note).toContainText(overdueReason);
});

test("a task says that its sums are being brought up to date", async ({ page }) => {
  const users = { ...aTask().users, outdated: true };
  await mock(page, "GET /api/tasks/task1", { json: aTask({ users }) });
  await mock(page, "GET /api/tasks/task1/users", { json: { items: [], total: 0 } });
  await page.goto("/tasks/task1");
  await expect(page.getByText("Being brought up to date")).toBeVisible();
});

test("a task says that Box will end its connection", async ({ page }) => {
  await mock(page, "GET /api/tasks/task1", { json: aTask({ lapses: "2026-12-01T12:00:00Z" }) });
  await mock(page, "GET /api/tasks/task1/users", { json: { items: [], total: 0 } });
  await page.goto("/tasks/task1");
  const note = page.getByRole("note").filter({ hasText: "Box ends the connection on Dec 1, 2026" });
  await expect(note.getByRole("link", { name: "settings" })).toHaveAttribute("href", "/tasks/task1/settings");
});

test("damage is told until somebody acknowledges it", async ({ page }) => {
  const damage = "2 contents of 1 Box user cannot be read any more.";
  await mock(page, "GET /api/tasks/task1", { json: aTask({ damage }) });
  await mock(page, "GET /api/tasks/task1/users", { json: { items: [], total: 0 } });
  await page.goto("/tasks/task1");
  const note = page.getByRole("note").filter({ hasText: "Some of this backup is damaged" });
  await expect(note).toContainText(damage);
  await check(page, "task-damaged");
  await mock(page, "POST /api/tasks/task1/acknowledge-damage", { json: aTask() });
  await mock(page, "GET /api/tasks/task1", { json: aTask() });
  await note.getByRole("button", { name: "Acknowledge" }).click();
  await expect(note).toBeHidden();
});
