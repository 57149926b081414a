import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { call, demo } from "./admin";
import { check, expect, mock, pending, test } from "./fixtures";
import { aTask, aUser, listed, type Schema } from "./sample";

const limited = { id: "limited-access", name: "Limited Access", builtIn: true, users: 1 };
const sales = { id: "sales", name: "Sales team", builtIn: false, users: 2 };
const managers = { id: "managers", name: "Managers", builtIn: false, users: 1 };

const people = [
  aUser({ tags: ["sales", "managers"] }),
  aUser({ id: "18", name: "Bruno Almeida", tags: ["limited-access", "sales"] }),
  aUser({ id: "19", name: "Chiara Conti" }),
];

async function open(page: Page, tags: Parameters<typeof mock>[2] = all, primary = true) {
  await page.route("**/api/session", async (route) => {
    const response = await route.fetch();
    const session: Schema<"Session"> = await response.json();
    await route.fulfill({ response, json: { ...session, user: { ...session.user, primary } } });
  });
  await mock(page, "GET /api/tasks/task1", { json: aTask() });
  await mock(page, "GET /api/tasks/task1/users", {
    json: listed(people),
  });
  await mock(page, "GET /api/tasks/task1/tags", tags);
  await page.goto("/tasks/task1");
}

const all = { json: { items: [limited, managers, sales] } satisfies Schema<"ListTag"> } as const;

const select = (page: Page, name: string) => page.getByRole("checkbox", { name: `Select ${name}` }).click();
const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
const changed = { json: { done: 2, changed: 2, refused: [] } satisfies Schema<"ActionResult"> } as const;

test.describe("the tags of Box users", () => {
  test("make no row tall, however many there are", async ({ page }) => {
    const many = Array.from({ length: 14 }, (_, i) => ({
      id: `t${i}`,
      name: i === 2 ? "Everybody who was hired in the fourth quarter of the year" : `Tag number ${i + 1}`,
      builtIn: false,
      users: 1,
    }));
    await open(page, { json: { items: many } satisfies Schema<"ListTag"> });
    await mock(page, "GET /api/tasks/task1/users", {
      json: { items: [aUser({ tags: many.map((t) => t.id) }), ...people.slice(1)], total: 3 },
    });
    await page.reload();
    const row = page.getByRole("row", { name: /Ada Lovegrove/ });
    await expect(row).toContainText("+11 more: Tag number 4, Tag number 5");
    await check(page, "users-many-tags");
  });

  test("of long names stay within their dialog, and one that is deleted filters no more", async ({
    page,
  }) => {
    const long = { id: "long", name: "W".repeat(40), builtIn: false, users: 1 };
    await open(page, { json: { items: [limited, long] } satisfies Schema<"ListTag"> });
    await page.goto("/tasks/task1?tag=long");
    await select(page, "Ada Lovegrove");
    await press(page, "Tags");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Delete the tag WWW" }).click();
    const remove = dialog.getByRole("button", { name: /^Delete W/ });
    const [inner, outer] = [await remove.boundingBox(), await dialog.boundingBox()];
    expect((inner?.x ?? 0) + (inner?.width ?? 9999)).toBeLessThan((outer?.x ?? 0) + (outer?.width ?? 0));
    await check(page, "tag-long");
    await mock(page, "DELETE /api/tasks/task1/tags/long", { json: null });
    await remove.click();
    await expect(page).toHaveURL(/\/tasks\/task1$/);
    await expect(dialog).toBeHidden();
    await expect(page.getByText("No Box user selected")).toBeVisible();
  });

  test("are shown, and can be changed once a Box user is selected", async ({ page }) => {
    await open(page);
    await expect(page.getByRole("row", { name: /Bruno/ })).toContainText("Limited Access");
    await expect(page.getByRole("button", { name: "Tags", exact: true })).toBeDisabled();
    await select(page, "Ada Lovegrove");
    await select(page, "Bruno Almeida");
    await press(page, "Tags");
    const dialog = page.getByRole("dialog", { name: "Tags of 2 Box users" });
    await expect(dialog.getByRole("checkbox", { name: "Sales team" })).toBeChecked();
    await expect(dialog.getByRole("checkbox", { name: "Managers" })).toBeChecked({ indeterminate: true });
    await expect(dialog.getByRole("button", { name: "Apply" })).toBeDisabled();
    await check(page, "tags");
    await dialog.getByRole("searchbox", { name: "Search tags" }).fill("MANAG");
    await expect(dialog.getByRole("checkbox")).toHaveCount(1);
    await dialog.getByRole("checkbox", { name: "Managers" }).click();
    await dialog.getByRole("searchbox", { name: "Search tags" }).fill("");
    await dialog.getByRole("checkbox", { name: "Sales team" }).click();
    await mock(page, "POST /api/tasks/task1/users/tag", changed);
    const sent = page.waitForRequest((r) => r.method() === "POST");
    await dialog.getByRole("button", { name: "Apply" }).click();
    expect((await sent).postDataJSON()).toEqual({ ids: ["17", "18"], add: ["managers"], remove: ["sales"] });
    await expect(page.getByText("Tags of 2 Box users changed.")).toBeVisible();
  });

  test("are loading, cannot be loaded, and are not found", async ({ page }) => {
    await open(page, pending);
    await select(page, "Ada Lovegrove");
    await press(page, "Tags");
    await expect(page.getByRole("status", { name: "Loading the tags" })).toBeVisible();
    await check(page, "tags-loading");
    await page.unroute((url) => url.pathname.endsWith("/tags"));
    await page.unrouteAll();
    await open(page, { status: 500, problem: "The tags are out of reach." });
    await select(page, "Ada Lovegrove");
    await press(page, "Tags");
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByRole("alert")).toContainText("The tags are out of reach.");
    await check(page, "tags-error");
    await mock(page, "GET /api/tasks/task1/tags", { json: { items: [limited] } });
    await dialog.getByRole("button", { name: "Try again" }).click();
    await dialog.getByRole("searchbox", { name: "Search tags" }).fill("nothing of that name");
    await expect(dialog.getByText(/No tag's name contains/)).toBeVisible();
    await check(page, "tags-none");
  });

  test("can be created, and a name that is taken is said", async ({ page }) => {
    await open(page);
    await select(page, "Chiara Conti");
    await press(page, "Tags");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Create New Tag" }).click();
    await dialog.getByRole("button", { name: "Create", exact: true }).click();
    const name = dialog.getByRole("textbox", { name: "Name of the new tag" });
    await expect(name).toHaveAccessibleDescription(/Give the tag a name/);
    await check(page, "tag-new");
    await name.fill("Sales Team");
    const taken = "This backup task has a tag of that name already.";
    await mock(page, "POST /api/tasks/task1/tags", { status: 409, problem: taken });
    await dialog.getByRole("button", { name: "Create", exact: true }).click();
    await expect(dialog.getByRole("alert")).toContainText(taken);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await expect(dialog.getByRole("checkbox", { name: "Sales team" })).not.toBeChecked();
  });

  test("limit access only after a question", async ({ page }) => {
    await open(page);
    await select(page, "Ada Lovegrove");
    await press(page, "Tags");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("checkbox", { name: "Limited Access" }).click();
    await dialog.getByRole("button", { name: "Apply" }).click();
    await expect(dialog.getByText("Limit access to 1 Box user?")).toBeVisible();
    await check(page, "tags-limit");
    const refusal = "Only the primary user of the account can limit access.";
    await mock(page, "POST /api/tasks/task1/users/tag", { status: 403, problem: refusal });
    await dialog.getByRole("button", { name: "Limit access" }).click();
    await expect(dialog.getByRole("alert")).toContainText(refusal);
    await dialog.getByRole("button", { name: "Back" }).click();
    await expect(dialog.getByRole("checkbox", { name: "Limited Access" })).toBeChecked();
  });

  test("that limit access are not a secondary user's to give", async ({ page }) => {
    await open(page, all, false);
    await select(page, "Ada Lovegrove");
    await press(page, "Tags");
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByRole("checkbox", { name: "Limited Access" })).toBeDisabled();
    await expect(dialog.getByText("Only the account's primary user")).toBeVisible();
    await check(page, "tags-secondary");
  });

  test("are created, applied, filtered by and deleted", async ({ page }) => {
    const { task, users } = await demo();
    const name = `Tag ${randomUUID().slice(0, 8)}`;
    await page.goto(`/tasks/${task.id}`);
    await select(page, "Kavya Iyer");
    await select(page, "Bruno Almeida");
    await press(page, "Tags");
    const dialog = page.getByRole("dialog", { name: "Tags of 2 Box users" });
    await dialog.getByRole("button", { name: "Create New Tag" }).click();
    await dialog.getByRole("textbox", { name: "Name of the new tag" }).fill(name);
    await dialog.getByRole("button", { name: "Create", exact: true }).click();
    await expect(dialog.getByRole("checkbox", { name })).toBeChecked();
    await dialog.getByRole("checkbox", { name: "Limited Access" }).click();
    await dialog.getByRole("button", { name: "Apply" }).click();
    await dialog.getByRole("button", { name: "Limit access" }).click();
    await expect(page.getByText("Tags of 2 Box users changed.")).toBeVisible();
    await expect(page.getByRole("row", { name: "Kavya Iyer" })).toContainText(name);
    await expect(page.getByRole("row", { name: "Kavya Iyer" })).toContainText("Limited Access");

    await page.getByRole("combobox", { name: "Filter by tag" }).fill(name);
    await page.getByRole("option", { name }).click();
    await expect(page.getByRole("row")).toHaveCount(3);
    await check(page, "users-tagged");
    await page.getByRole("checkbox", { name: "Select all on this page" }).click();
    await page.getByRole("checkbox", { name: "Select all on this page" }).click();
    await page.getByRole("checkbox", { name: "Select all on this page" }).click();
    await press(page, "Tags");
    await dialog.getByRole("checkbox", { name: "Limited Access" }).click();
    await dialog.getByRole("button", { name: "Apply" }).click();
    await expect(dialog.getByText("Open access to 2 Box users?")).toBeVisible();
    await dialog.getByRole("button", { name: "Open access" }).click();
    await expect(page.getByRole("row", { name: "Kavya Iyer" })).not.toContainText("Limited Access");
    await press(page, "Tags");
    await dialog.getByRole("button", { name: `Delete the tag ${name}` }).click();
    await expect(dialog.getByText("It is taken from 2 Box users.")).toBeVisible();
    await dialog.getByRole("button", { name: `Delete ${name}`, exact: true }).click();
    await expect(dialog.getByRole("checkbox", { name })).toBeHidden();
    const kavya = users.find((u) => u.name === "Kavya Iyer");
    const after = await call<Schema<"BoxUser">>("GET", `/api/tasks/${task.id}/users/${kavya?.id}`);
    expect(after.tags).toEqual([]);
  });
});
