import { demo } from "./admin";
import { check, expect, follow, mock, pending, test } from "./fixtures";
import { archive, mockArchive, ofArchive, real } from "./recovery";
import { aSnapshot, aTask, aUser, listed, type Schema } from "./sample";

const broken = { status: 500, problem: "Something went wrong on our side." } as const;

test.describe("backup tasks", () => {
  test("lead from the navigation to the Box users that have a backup", async ({ page }) => {
    const { task } = await demo();
    await page.goto("/");
    await follow(page, "Recovery", "Restore & Download");
    const row = page.getByRole("row").filter({ hasText: task.name });
    await expect(row).toContainText("Connected");
    await expect(row).toContainText(String(task.users.total));
    await check(page, "recovery-tasks");
    await row.getByRole("link", { name: `Choose a Box user of ${task.name}` }).click();
    await expect(page).toHaveURL(`/recovery/${task.id}`);
    await expect(page.getByRole("heading", { level: 1, name: task.name })).toBeVisible();
  });

  test("without a backup are not listed", async ({ page }) => {
    const { lastBackup, ...users } = aTask().users;
    const items = [aTask({ id: "new", name: "Just connected", users })];
    await mock(page, "GET /api/tasks", { json: { items } satisfies Schema<"ListTask"> });
    await page.goto("/recovery");
    await expect(page.getByRole("heading", { name: "There is nothing to restore yet" })).toBeVisible();
    await expect(page.getByText("Just connected")).toHaveCount(0);
    await check(page, "recovery-tasks-empty");
  });

  test("are awaited", async ({ page }) => {
    await mock(page, "GET /api/tasks", pending);
    await page.goto("/recovery");
    await expect(page.getByRole("table", { name: "Backup tasks" })).toHaveAttribute("aria-busy", "true");
    await check(page, "recovery-tasks-loading");
  });

  test("that cannot be loaded are asked for anew", async ({ page }) => {
    await mock(page, "GET /api/tasks", broken);
    await page.goto("/recovery");
    await expect(page.getByRole("alert")).toContainText(broken.problem);
    await check(page, "recovery-tasks-error");
    await page.unrouteAll();
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByRole("row").nth(1)).toBeVisible();
  });
});

test.describe("Box users with a backup", () => {
  test("are found, sorted and opened", async ({ page }) => {
    const { task, users } = await demo();
    const user = users.find((u) => u.name === "Ada Lovegrove");
    await page.goto(`/recovery/${task.id}`);
    await expect(page.getByRole("row")).toHaveCount(users.length + 1);
    await check(page, "recovery-users");
    await page.getByRole("button", { name: "First backup" }).click();
    await expect(page).toHaveURL(/sort=firstBackup&order=asc/);
    await expect(page.getByRole("columnheader", { name: "First backup" })).toHaveAttribute(
      "aria-sort",
      "ascending",
    );
    await page.getByRole("searchbox", { name: "Search Box users" }).fill("lovegrove");
    await expect(page.getByRole("row")).toHaveCount(2);
    await expect(page).toHaveURL(/q=lovegrove/);
    await page.getByRole("link", { name: "Open the archive of Ada Lovegrove" }).click();
    await expect(page).toHaveURL(`/recovery/${task.id}/${user?.id}`);
  });

  test("are only those that have one, the paused and archived among them", async ({ page }) => {
    await mock(page, ofArchive.task, { json: aTask() });
    const items = [
      aUser({ id: "1", name: "Paula Paused", status: "Paused", active: false }),
      aUser({ id: "2", name: "Archie Archived", status: "Archived", active: false, boxStatus: "inactive" }),
    ];
    let asked: URLSearchParams | undefined;
    await page.route("**/api/tasks/*/users?*", (route) => {
      asked = new URL(route.request().url()).searchParams;
      return route.fulfill({ json: listed(items) });
    });
    await page.goto("/recovery/task1");
    await expect(page.getByRole("row", { name: /Paula Paused/ })).toContainText("Paused");
    await expect(page.getByRole("row", { name: /Archie Archived/ })).toContainText("Archived");
    expect(asked?.get("backedUp")).toBe("true");
    await check(page, "recovery-users-paused");
    await page.getByRole("combobox", { name: "Status" }).click();
    await page.getByRole("option", { name: "Archived" }).click();
    await expect.poll(() => asked?.get("status")).toBe("Archived");
    await page.getByRole("button", { name: "Clear filters" }).click();
    await expect(page).not.toHaveURL(/status/);
  });

  test("may be none yet, or none that matches", async ({ page }) => {
    await mock(page, ofArchive.task, { json: aTask() });
    await mock(page, ofArchive.users, { json: listed([]) });
    await page.goto("/recovery/task1");
    await expect(page.getByRole("heading", { name: "No Box user has a backup yet" })).toBeVisible();
    await check(page, "recovery-users-empty");
    await page.getByRole("searchbox", { name: "Search Box users" }).fill("nobody");
    await expect(page.getByRole("heading", { name: "No Box user matches" })).toBeVisible();
  });

  test("are awaited", async ({ page }) => {
    await mock(page, ofArchive.task, pending);
    await mock(page, ofArchive.users, pending);
    await page.goto("/recovery/task1");
    await expect(page.getByRole("table", { name: "Box users with a backup" })).toHaveAttribute(
      "aria-busy",
      "true",
    );
    await check(page, "recovery-users-loading");
  });

  test("of a task that does not exist are not looked for", async ({ page }) => {
    await page.goto("/recovery/nosuchtask");
    await expect(page.getByRole("alert")).toContainText("This does not exist");
    await check(page, "recovery-users-error");
  });

  test("of a task that is not connected can be looked at, and it says where to connect", async ({ page }) => {
    await mock(page, ofArchive.task, { json: aTask({ connection: "Disconnected" }) });
    await mock(page, ofArchive.users, {
      json: listed([aUser()]),
    });
    await page.goto("/recovery/task1");
    await expect(page.getByRole("alert")).toContainText("nothing can be restored");
    await expect(page.getByRole("link", { name: "its settings" })).toHaveAttribute(
      "href",
      "/tasks/task1/settings",
    );
    await expect(page.getByRole("link", { name: "Ada Lovegrove", exact: true })).toBeVisible();
    await check(page, "recovery-users-disconnected");
  });
});

test.describe("snapshots", () => {
  test("can be selected as a whole, or opened", async ({ page }) => {
    const { address, user, snapshot } = await real();
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1, name: user.name })).toBeVisible();
    await expect(page.getByRole("radio", { name: "Via Snapshot" })).toBeChecked();
    const restore = page.getByRole("button", { name: "Restore", exact: true });
    await expect(restore).toBeDisabled();
    await page
      .getByRole("radio", { name: /^Select the snapshot of/ })
      .first()
      .check();
    await expect(page.getByRole("region", { name: "Actions on the selection" })).toContainText(
      /^The whole snapshot of .* is selected/,
    );
    await expect(restore).toBeEnabled();
    await check(page, "recovery-snapshots");
    await page
      .getByRole("link", { name: /^Open the snapshot of/ })
      .first()
      .click();
    await expect(page).toHaveURL(snapshot);
    await expect(
      page.getByText("The whole snapshot is selected, and everything in it is included."),
    ).toBeVisible();
  });

  test("are of the days that are asked for, the last one included", async ({ page }) => {
    await mockArchive(page);
    let asked: URLSearchParams | undefined;
    await page.route("**/users/*/snapshots?*", (route) => {
      asked = new URL(route.request().url()).searchParams;
      return route.fulfill({ json: { items: [aSnapshot()] } satisfies Schema<"ListSnapshot"> });
    });
    await page.goto(archive);
    await page.getByLabel("Data changed from").fill("2026-03-29"); // the clock goes forward in Berlin
    await page.getByLabel("To", { exact: true }).fill("2026-03-29");
    await expect.poll(() => asked?.get("to")).toBe("2026-03-29T22:00:00.000Z");
    expect(asked?.get("from")).toBe("2026-03-28T23:00:00.000Z");
    await expect(page).toHaveURL(/from=2026-03-29&to=2026-03-29/);
    await page.getByRole("button", { name: "Last 7 days" }).click();
    await expect(page.getByRole("button", { name: "Last 7 days" })).toHaveAttribute("aria-pressed", "true");
    await expect.poll(() => asked?.get("to")).toBeNull();
    await page.getByRole("button", { name: "All", exact: true }).click();
    await expect(page).toHaveURL(archive);
  });

  test("of days that are the wrong way round are not looked for", async ({ page }) => {
    await mockArchive(page);
    await page.goto(`${archive}?from=2026-11-20&to=2026-11-19`);
    await expect(page.getByText("This day is before the first one.")).toBeVisible();
    await expect(page.getByRole("heading", { name: "No snapshot in these days" })).toBeVisible();
    await check(page, "recovery-snapshots-wrong-days");
  });

  test("may be none yet", async ({ page }) => {
    await mockArchive(page);
    await mock(page, ofArchive.snapshots, { json: { items: [] } satisfies Schema<"ListSnapshot"> });
    await page.goto(archive);
    await expect(page.getByRole("heading", { name: "No snapshot yet" })).toBeVisible();
    await expect(page.getByRole("button", { name: "Restore", exact: true })).toBeDisabled();
    await check(page, "recovery-snapshots-empty");
  });

  test("are awaited, and so is whose they are", async ({ page }) => {
    await mockArchive(page);
    await mock(page, ofArchive.snapshots, pending);
    await page.goto(archive);
    await expect(page.getByRole("table", { name: "Snapshots" })).toHaveAttribute("aria-busy", "true");
    await check(page, "recovery-snapshots-loading");
    await mock(page, ofArchive.user, pending);
    await page.reload();
    await expect(page.getByRole("status", { name: "Loading the archive" })).toBeVisible();
  });

  test("that cannot be loaded are asked for anew", async ({ page }) => {
    await mockArchive(page);
    await mock(page, ofArchive.snapshots, broken);
    await page.goto(archive);
    await expect(page.getByRole("alert")).toContainText(broken.problem);
    await check(page, "recovery-snapshots-error");
    await mockArchive(page);
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByRole("radio", { name: /^Select the snapshot/ })).toBeVisible();
  });

  test("of a Box user who does not exist are not looked for", async ({ page }) => {
    const { task } = await demo();
    await page.goto(`/recovery/${task.id}/nobody`);
    await expect(page.getByRole("alert")).toContainText("This does not exist");
  });

  test("of an archived backup stay", async ({ page }) => {
    await mockArchive(page, {
      user: { status: "Archived", boxStatus: "inactive" },
      snapshot: { status: "Partial", failed: 3 },
    });
    await page.goto(archive);
    await expect(page.getByText(/This backup is archived; what it has can be browsed/)).toBeVisible();
    await expect(page.getByRole("row", { name: /Partial/ })).toBeVisible();
    await check(page, "recovery-snapshots-archived");
  });
});
