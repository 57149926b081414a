import { readFile } from "node:fs/promises";
import type { components } from "../src/lib/schema";
import { check, expect, mock, pending, test } from "./fixtures";

type ListActivity = components["schemas"]["ListActivity"];

const kinds = ["Restore", "Backup", "Backup", "Prune", "Connection"] as const;
const statuses = ["Partially succeeded", "Succeeded", "Failed", "Canceled", "Succeeded"] as const;

/** activities returns one activity of each kind and status. */
const activities = (): ListActivity["items"] =>
  kinds.map((kind, n) => ({
    id: String(n),
    at: "2026-11-23T05:04:00Z",
    kind,
    status: statuses[n] ?? "Succeeded",
    task: "task1",
    taskName: "Northwind Optics",
    boxUserName: n < 3 ? "Ada Lovegrove" : undefined,
    item: n < 3 ? "ada.lovegrove@northwind.example" : undefined,
    seconds: 95,
    bytes: 452_700,
    records: 51,
    description: "51 items, 63.45 kB of new data.",
  }));

const table = { name: "System Activity" };

test("the product's activity is shown, and told more about", async ({ page }) => {
  await page.goto("/activity");
  await expect(page.getByRole("columnheader")).toHaveText([
    "Activity",
    "Date and Time",
    "Service",
    "Sub-Service",
    "Status",
    "Task Name",
    "Item",
  ]);
  await expect(page.getByRole("table", table)).toContainText("Backup");
  await expect(page.getByRole("tab")).toHaveCount(0);
  await check(page, "activity");
  const info = page.getByRole("button", { name: /^About Backup of ada\.lovegrove/ }).first();
  await info.click();
  const more = page.getByRole("dialog");
  for (const fact of ["Execution time", "Data size", "Number of records", "Description"])
    await expect(more.getByText(fact)).toBeVisible();
  await check(page, "activity-info");
  await page.keyboard.press("Escape");
  await expect(info).toBeFocused();
});

test("the file holds exactly what matches the filters", async ({ page }) => {
  await page.goto("/activity");
  await page.getByRole("combobox", { name: "Activity" }).click();
  await page.getByRole("option", { name: "Restore" }).click();
  await expect(page).toHaveURL(/\?kind=Restore$/);
  await expect(page.getByRole("button", { name: /^About Backup/ })).toHaveCount(0);
  const shown = await page.getByRole("button", { name: /^About Restore/ }).count();
  expect(shown).toBeGreaterThan(0);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export CSV" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/\.csv$/);
  const lines = (await readFile(await file.path(), "utf8")).trim().split(/\r?\n/);
  expect(lines[0]).toMatch(/"?Activity"?,"?Date and Time"?,"?Service"?/);
  expect(lines.slice(1).every((line) => /^"?Restore"?,/.test(line))).toBe(true);
  expect(lines.length - 1).toBeGreaterThanOrEqual(shown);
});

test("the filters are in the address, and days are those of the viewer", async ({ page }) => {
  await mock(page, "GET /api/activity", { json: { items: activities() } satisfies ListActivity });
  await page.goto("/activity?cursor=c&page=2&q=ada");
  await expect(page.getByRole("table", table)).toContainText("Prune");
  await page.getByRole("combobox", { name: "Status" }).click();
  await page.getByRole("option", { name: "Failed" }).click();
  await page.getByLabel("From day").fill("2026-11-20");
  const asked = page.waitForRequest(/\/api\/activity\?.*to=/);
  await page.getByLabel("To day").fill("2026-11-23");
  expect(Object.fromEntries(new URL((await asked).url()).searchParams)).toEqual({
    status: "Failed",
    q: "ada",
    from: "2026-11-19T23:00:00.000Z", // Berlin is an hour ahead
    to: "2026-11-23T23:00:00.000Z",
  });
  await expect(page).toHaveURL(/\/activity\?q=ada&status=Failed&from=2026-11-20&to=2026-11-23$/);
  await expect(page.getByRole("link", { name: "Export CSV" })).toHaveAttribute(
    "href",
    "/api/activity.csv?status=Failed&q=ada&from=2026-11-19T23%3A00%3A00.000Z&to=2026-11-23T23%3A00%3A00.000Z",
  );
  await check(page, "activity-filtered");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(page).toHaveURL(/\/activity$/);
});

test("an account where nothing has happened, and filters that nothing matches, say so", async ({ page }) => {
  await mock(page, "GET /api/activity", { json: { items: [] } satisfies ListActivity });
  await page.goto("/activity");
  await expect(page.getByRole("heading", { name: "Nothing has happened yet" })).toBeVisible();
  await check(page, "activity-empty");
  await page.goto("/activity?status=Failed");
  await expect(page.getByRole("heading", { name: "Nothing matches the filters" })).toBeVisible();
  await page.getByRole("button", { name: "Show all activity" }).click();
  await expect(page).toHaveURL(/\/activity$/);
});

test("a long list is searched on with the next page", async ({ page }) => {
  await mock(page, "GET /api/activity", { json: { items: [], next: "later" } satisfies ListActivity });
  await page.goto("/activity?q=needle");
  await expect(page.getByRole("heading", { name: "Nothing matches so far" })).toBeVisible();
  await check(page, "activity-so-far");
  await mock(page, "GET /api/activity", { json: { items: activities().slice(0, 1) } satisfies ListActivity });
  const asked = page.waitForRequest(/cursor=later/);
  await page.getByRole("button", { name: "Next" }).click();
  expect(new URL((await asked).url()).searchParams.get("q")).toBe("needle");
  await expect(page.getByRole("table", table)).toContainText("Restore");
});

test("it shows that it is loading", async ({ page }) => {
  await mock(page, "GET /api/activity", pending);
  await page.goto("/activity");
  await expect(page.getByRole("table", table)).toHaveAttribute("aria-busy", "true");
  await check(page, "activity-loading");
});

test("it says why it cannot be loaded, and tries again", async ({ page }) => {
  await mock(page, "GET /api/activity", {
    status: 400,
    problem: "The activity cannot be listed at the moment.",
  });
  await page.goto("/activity");
  await expect(page.getByRole("alert")).toContainText("The activity cannot be listed at the moment.");
  await check(page, "activity-error");
  await mock(page, "GET /api/activity", { json: { items: activities() } satisfies ListActivity });
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("table", table)).toContainText("Connection");
});
