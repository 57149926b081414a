import type { Page } from "@playwright/test";
import { demo, email } from "./admin";
import { check, expect, mock, nobody, pending, test } from "./fixtures";
import { enterBrowser, mailedAddress, newcomer } from "./newcomer";
import { aTask, aUser, listed, type Schema } from "./sample";

/** added creates a backup task for the browser's newcomer. */
async function added(page: Page, name: string): Promise<Schema<"Task">> {
  return (await page.request.post("/api/tasks", { data: { name, frequency: "daily", hour: 1 } })).json();
}

const gone = {
  deleted: "2026-11-22T12:00:00Z",
  deletedUntil: new Date(Date.now() + 5.5 * 86_400_000).toISOString(),
};

test.describe("what was deleted", () => {
  test("is loading, cannot be loaded, and is nothing", async ({ page }) => {
    await mock(page, "GET /api/tasks", { json: { items: [aTask()], total: 1 } satisfies Schema<"ListTask"> });
    await page.goto("/");
    await expect(page.getByRole("row", { name: /Northwind/ })).toBeVisible();
    await mock(page, "GET /api/tasks", pending);
    await page.getByRole("button", { name: "Recently deleted" }).click();
    const dialog = page.getByRole("dialog", { name: "Recently deleted backup tasks" });
    await expect(dialog.getByRole("table")).toHaveAttribute("aria-busy", "true");
    await check(page, "deleted-loading");
    await page.unrouteAll();
    await page.goto("/");
    await expect(page.getByRole("row", { name: /Northwind/ })).toBeVisible();
    await mock(page, "GET /api/tasks", { status: 500, problem: "The list is out of reach." });
    await page.getByRole("button", { name: "Recently deleted" }).click();
    await expect(dialog.getByRole("alert")).toContainText("The list is out of reach.");
    await check(page, "deleted-error");
    await mock(page, "GET /api/tasks", { json: { items: [], total: 0 } satisfies Schema<"ListTask"> });
    await dialog.getByRole("button", { name: "Try again" }).click();
    await expect(dialog.getByText("Nothing was deleted in the last 7 days")).toBeVisible();
    await check(page, "deleted-none");
  });

  test("is a Box user's backup only after those chosen were listed", async ({ page }) => {
    const users = [aUser(), aUser({ id: "18", name: "Bruno Almeida", login: "bruno@northwind.example" })];
    await mock(page, "GET /api/tasks/task1", { json: aTask() });
    await mock(page, "GET /api/tasks/task1/tags", { json: { items: [] } satisfies Schema<"ListTag"> });
    await mock(page, "GET /api/tasks/task1/users", {
      json: listed(users),
    });
    await page.goto("/tasks/task1");
    await page.getByRole("checkbox", { name: "Select all on this page" }).click();
    await page.getByRole("button", { name: "Action", exact: true }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete the backups of 2 Box users" });
    await expect(dialog.getByRole("listitem")).toHaveText([
      "Ada Lovegrove (ada@northwind.example)",
      "Bruno Almeida (bruno@northwind.example)",
    ]);
    await expect(dialog).toContainText("7 days");
    await check(page, "users-delete");
    await mock(page, "POST /api/tasks/task1/users/delete", {
      json: { done: 2, refused: [] } satisfies Schema<"ActionResult">,
    });
    await dialog.getByRole("button", { name: "Delete" }).click();
    await expect(page.getByText("The backups of 2 Box users are deleted.")).toBeVisible();
    await mock(page, "GET /api/tasks/task1/users", {
      json: listed([aUser(gone)]),
    });
    await page.getByRole("button", { name: "Recently deleted" }).click();
    await expect(page.getByRole("dialog")).toContainText("5 days left");
    await check(page, "deleted-users");
    await mock(page, "POST /api/tasks/task1/users/undelete", {
      json: { done: 0, refused: [{ id: "17", name: "Ada Lovegrove", reason: "The 7 days are over." }] },
    });
    await page.getByRole("button", { name: "Undo the deletion of Ada Lovegrove" }).click();
    await expect(page.getByRole("dialog").getByRole("alert")).toContainText(
      "Ada Lovegrove: The 7 days are over.",
    );
  });

  test("is brought back on the Box user's own page", async ({ page }) => {
    const missing = { status: 404, problem: "This Box user does not exist." };
    await mock(page, "GET /api/tasks/task1", { json: aTask() });
    await mock(page, "GET /api/tasks/task1/users/17", missing);
    await mock(page, "GET /api/tasks/task1/users", { json: listed([]) });
    await page.goto("/tasks/task1/users/17");
    await expect(page.getByRole("alert")).toContainText("This Box user does not exist.");
    await mock(page, "GET /api/tasks/task1/users", { json: listed([aUser(gone)]) });
    await page.reload();
    const alert = page.getByRole("alert").filter({ hasText: "The backup of Ada Lovegrove was deleted" });
    await expect(alert).toContainText("5 days left");
    await check(page, "user-deleted");
    await mock(page, "POST /api/tasks/task1/users/undelete", {
      json: { done: 0, refused: [{ id: "17", name: "Ada Lovegrove", reason: "The 7 days are over." }] },
    });
    await alert.getByRole("button", { name: "Undo" }).click();
    await expect(page.getByRole("alert").filter({ hasText: "The 7 days are over." })).toBeVisible();
    await mock(page, "POST /api/tasks/task1/users/undelete", {
      json: { done: 1, refused: [] } satisfies Schema<"ActionResult">,
    });
    await mock(page, "GET /api/tasks/task1/users/17", { json: aUser() });
    await alert.getByRole("button", { name: "Undo" }).click();
    await expect(page.getByRole("heading", { name: "Ada Lovegrove" })).toBeVisible();
  });

  test("comes back as it was, and what is held says why", async ({ page }) => {
    const { task, users } = await demo();
    const liam = users.find((u) => u.name === "Liam Byrne");
    await page.goto(`/tasks/${task.id}`);
    await page.getByRole("checkbox", { name: "Select Liam Byrne" }).click();
    await page.getByRole("button", { name: "Action", exact: true }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await expect(page.getByRole("row", { name: /Liam Byrne/ })).toBeHidden();
    await page.goto(await mailedAddress(email, /The backup of Liam Byrne was deleted/));
    await expect(page.getByRole("dialog")).toContainText("7 days left");
    await expect(page.getByRole("dialog")).toContainText("liam.byrne@northwind.example");
    await page.getByRole("button", { name: "Undo the deletion of Liam Byrne" }).click();
    await expect(page.getByText("The backups of Liam Byrne are back.")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("row", { name: /Liam Byrne/ })).toContainText("Success");
    const path = `/tasks/${task.id}/users/${liam?.id}`;
    const held = "Most files were encrypted or deleted at once.";
    await mock(page, `GET /api${path}`, { json: { ...liam, held } });
    await page.goto(path);
    await expect(page.getByText(held)).toBeVisible();
    await check(page, "user-held");
    await page.getByRole("button", { name: "Let backups expire again" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Let backups expire again" }).click();
    await expect(page.getByText("Backups of Liam Byrne expire again.")).toBeVisible();
  });
});

test.describe("a backup task", () => {
  test.use({ storageState: nobody });

  test("is deleted from its menu after a warning, and brought back", async ({ page }) => {
    await enterBrowser(page, await newcomer());
    for (const name of ["Kept", "Given up"])
      await page.request.post("/api/tasks", { data: { name, frequency: "daily", hour: 1 } });
    await page.goto("/");
    await page.getByRole("button", { name: "Menu of Given up" }).click();
    await page.getByRole("menuitem", { name: "Delete Backup" }).click();
    const dialog = page.getByRole("dialog", { name: /^Delete the backup/ });
    await expect(dialog).toContainText("nothing of it can be browsed");
    await check(page, "task-delete");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByRole("button", { name: "Menu of Given up" })).toBeFocused();
    await page.getByRole("button", { name: "Menu of Given up" }).click();
    await page.getByRole("menuitem", { name: "Delete Backup" }).click();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await expect(page.getByRole("row", { name: /Given up/ })).toBeHidden();
    await expect(dialog).toBeHidden();
    await page.getByRole("button", { name: "Recently deleted" }).click();
    await check(page, "deleted-tasks");
    await page.getByRole("button", { name: "Undo the deletion of Given up" }).click();
    await expect(page.getByText("Given up is back.")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("row", { name: /Given up/ })).toBeVisible();
  });

  test("is brought back from the mail about it, where it was the only one", async ({ page }) => {
    const who = await newcomer();
    await enterBrowser(page, who);
    const { id } = await added(page, "The only one");
    await page.request.delete(`/api/tasks/${id}`);
    await page.goto(await mailedAddress(who.email, /Backup task The only one was deleted/));
    const dialog = page.getByRole("dialog", { name: "Recently deleted backup tasks" });
    await expect(dialog.getByRole("row", { name: /The only one/ })).toContainText("7 days left");
    await dialog.getByRole("button", { name: "Undo the deletion of The only one" }).click();
    await expect(page.getByText("The only one is back.")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page).toHaveURL(/\/$/);
    await expect(page.getByRole("row", { name: /The only one/ })).toBeVisible();
  });

  test("that was deleted says so on its page, and on the homepage where there is no other", async ({
    page,
  }) => {
    await enterBrowser(page, await newcomer());
    const [first, second] = [await added(page, "First"), await added(page, "Second")];
    for (const { id } of [first, second]) await page.request.delete(`/api/tasks/${id}`);
    await page.goto(`/tasks/${first.id}`);
    await expect(page.getByRole("alert")).toContainText("The backup task “First” was deleted");
    await check(page, "task-was-deleted");
    await page.goto("/");
    await expect(page.getByRole("heading", { name: /^2 backup tasks were deleted/ })).toBeVisible();
    await check(page, "home-all-deleted");
    await page.getByRole("button", { name: "Bring back what was deleted" }).click();
    const dialog = page.getByRole("dialog", { name: "Recently deleted backup tasks" });
    await dialog.getByRole("checkbox", { name: "Select all on this page" }).click();
    await dialog.getByRole("button", { name: "Undo all 2 that are selected" }).click();
    await expect(page.getByText("2 backup tasks are back.")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("row", { name: /First/ })).toBeVisible();
    await page.request.delete(`/api/tasks/${first.id}`);
    await page.goto(`/tasks/${first.id}`);
    await page.getByRole("alert").getByRole("button", { name: "Undo" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "First" })).toBeVisible();
  });
});
