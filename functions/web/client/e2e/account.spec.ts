import type { Schema } from "../src/lib/api";
import { email } from "./admin";
import { check, expect, mock, nobody, pending, test } from "./fixtures";
import { enter, enterBrowser, newcomer, newPassword } from "./newcomer";
import { aTask } from "./sample";

test("settings begin with the account", async ({ page }) => {
  await page.goto("/settings");
  await expect(page).toHaveURL(/\/settings\/account$/);
  await expect(page.getByRole("heading", { name: "Account settings" })).toBeVisible();
  for (const value of ["Northwind Optics", "EU (Germany)", "eu-central-1", email, "Primary user"])
    await expect(page.getByRole("main").getByText(value, { exact: true })).toBeVisible();
  await check(page, "settings-account");
  await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Security" }).click();
  await expect(page).toHaveURL(/\/settings\/security$/);
  await expect(page.getByRole("link", { name: "Security" })).toHaveAttribute("aria-current", "page");
});

test("every page waits for who is signed in", async ({ page }) => {
  await mock(page, "GET /api/session", pending);
  await page.goto("/settings/account");
  await expect(page.getByRole("status", { name: "Loading" })).toBeVisible();
  await check(page, "settings-account-loading");
});

test("every page says why it cannot be shown", async ({ page }) => {
  await mock(page, "GET /api/session", { status: 400, problem: "The account is on a journey." });
  await page.goto("/settings/account");
  await expect(page.getByRole("alert")).toContainText("on a journey");
  await check(page, "settings-account-error");
});

test("the account's id can be copied", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/settings/account");
  await page.getByRole("button", { name: "Copy the account id" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  await expect(page.getByText(copied, { exact: true })).toBeVisible();
});

test.describe("sessions and the password", () => {
  test.use({ storageState: nobody });
  const iphone =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1";

  test("sessions are listed, and ended one by one or all at once", async ({ page }) => {
    const who = await newcomer();
    await enterBrowser(page, who);
    for (const agent of [iphone, "curl/8.5.0", "Wget/1.21"]) await enter(who, agent);
    await page.goto("/settings/security");
    const rows = page.getByRole("table", { name: "Sessions" }).getByRole("row");
    await expect(rows).toHaveCount(5);
    await expect(rows.filter({ hasText: "This session" })).toHaveCount(1);
    await check(page, "settings-security");

    await page.getByRole("button", { name: "End the session of Safari on iPhone" }).click();
    await expect(page.getByText("The session of Safari on iPhone has ended.")).toBeVisible();
    await expect(rows).toHaveCount(4);

    await page.getByRole("button", { name: "End all other sessions" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("2 other sessions will be signed out at once.");
    await check(page, "settings-security-confirm");
    await dialog.getByRole("button", { name: "End them" }).click();
    await expect(rows).toHaveCount(2);
    await expect(page.getByText("You are signed in nowhere else.")).toBeVisible();
    await expect(page.getByRole("button", { name: "End all other sessions" })).toBeHidden();
    await check(page, "settings-security-alone");
  });

  test("a changed password ends the other sessions, not this one", async ({ page }) => {
    const who = await newcomer();
    await enterBrowser(page, who);
    await enter(who, iphone);
    await page.goto("/settings/security");
    const field = (name: string) => page.getByRole("textbox", { name, exact: true });
    const rows = page.getByRole("table", { name: "Sessions" }).getByRole("row");
    await expect(rows).toHaveCount(3);
    const password = newPassword();
    await field("Current password").fill("not what it is");
    await field("New password").fill(password);
    await field("Confirm new password").fill(password);
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(field("Current password")).toHaveAccessibleDescription(/not your current password/);
    await expect(field("Current password")).toBeFocused();
    await check(page, "settings-security-refused");
    await field("Current password").fill(who.password);
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(page.getByText("Your password was changed.")).toBeVisible();
    await expect(rows).toHaveCount(2);
    await expect(field("New password")).toHaveValue("");
    await enter({ ...who, password });
    expect((await page.request.post("/api/session", { data: who })).status()).toBe(401);
  });
});

test("sessions are waited for", async ({ page }) => {
  await mock(page, "GET /api/sessions", pending);
  await page.goto("/settings/security");
  await expect(page.getByRole("table", { name: "Sessions" })).toHaveAttribute("aria-busy", "true");
  await check(page, "settings-security-loading");
});

test("sessions that cannot be loaded can be asked for again", async ({ page }) => {
  await mock(page, "GET /api/sessions", { status: 400, problem: "The sessions are in session." });
  await page.goto("/settings/security");
  await expect(page.getByRole("alert")).toContainText("in session");
  await check(page, "settings-security-error");
  await page.unrouteAll();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("This session")).toBeVisible();
});

test("a session that cannot be ended says why", async ({ page }) => {
  const one = { address: "127.0.0.1", created: "2026-11-23T01:00:00Z", seen: "2026-11-23T01:10:00Z" };
  const list: Schema<"ListOwnSession"> = {
    items: [
      { ...one, id: "a", agent: "", current: true },
      { ...one, id: "b", agent: "curl/8.5.0", current: false },
    ],
  };
  await mock(page, "GET /api/sessions", { json: list });
  await mock(page, "DELETE /api/sessions/b", { status: 429, problem: "Too much at once." });
  await page.goto("/settings/security");
  await page.getByRole("button", { name: "End the session of curl" }).click();
  await expect(page.getByRole("alert")).toContainText("Too much at once.");
});

test("billing shows the trial and what is counted", async ({ page }) => {
  await page.goto("/billing");
  await expect(page.getByText("14 days left")).toBeVisible();
  const total = page.getByRole("row", { name: /^Total/ });
  await expect(total.getByRole("cell").last()).toHaveText("12");
  await check(page, "billing");
  await page.getByRole("link", { name: "Northwind Optics" }).click();
  await expect(page).toHaveURL(/\/tasks\/\w+$/);
});

test("billing adds up every page of a long list of tasks", async ({ page }) => {
  const task = (name: string, active: number) =>
    aTask({
      id: name,
      name,
      users: { total: 2000, active, archived: 0, deleted: 0, byStatus: {}, items: 0, size: 0 },
    });
  const second: Schema<"ListTask"> = { items: [task("Second", 1100)] };
  const first: Schema<"ListTask"> = { items: [task("First, whose name is rather long", 34)], next: "more" };
  await page.route(/\/api\/tasks\?/, (route) =>
    route.fulfill({ json: route.request().url().includes("cursor=more") ? second : first }),
  );
  await page.goto("/billing");
  await expect(
    page
      .getByRole("row", { name: /^Total/ })
      .getByRole("cell")
      .last(),
  ).toHaveText("1,134");
  await check(page, "billing-many");
});

test("billing without a backup task says what would be counted", async ({ page }) => {
  const none: Schema<"ListTask"> = { items: [] };
  await mock(page, "GET /api/tasks", { json: none });
  await page.goto("/billing");
  await expect(page.getByRole("heading", { name: "Nothing is counted yet" })).toBeVisible();
  await check(page, "billing-empty");
});

test("billing waits for the tasks", async ({ page }) => {
  await mock(page, "GET /api/tasks", pending);
  await page.goto("/billing");
  await expect(page.getByRole("heading", { name: "Billing" })).toBeVisible();
  await expect(page.getByRole("status", { name: "Loading" })).toBeVisible();
  await check(page, "billing-loading");
});

test("billing says why the tasks are not there", async ({ page }) => {
  await mock(page, "GET /api/tasks", { status: 400, problem: "The tasks are being counted elsewhere." });
  await page.goto("/billing");
  await expect(page.getByRole("alert")).toContainText("counted elsewhere");
  await check(page, "billing-error");
});

test("a trial that is over is said to be", async ({ page }) => {
  const known: Schema<"Session"> = await (await page.request.get("/api/session")).json();
  const account = { ...known.account, created: "2026-01-01T00:00:00Z", trialEnds: "2026-01-15T00:00:00Z" };
  await mock(page, "GET /api/session", { json: { ...known, account } satisfies Schema<"Session"> });
  await page.goto("/billing");
  await expect(page.getByRole("definition").filter({ hasText: "Jan 15, 2026" })).toBeVisible();
  await expect(page.getByText("Ended", { exact: true }).first()).toBeVisible();
  await check(page, "billing-ended");
});

test("support answers by address and by keyboard", async ({ page }) => {
  await page.goto("/support?topic=statuses");
  await expect(page.getByText("The latest backup lacks some items, which it lists.")).toBeVisible();
  await check(page, "support");
  for (const name of [
    "How do the ways to restore differ?",
    "Where does our data live, and who can read it?",
  ]) {
    await page.getByRole("button", { name }).press("Enter");
    await expect(page.getByRole("button", { name })).toHaveAttribute("aria-expanded", "true");
  }
  await expect(page).toHaveURL(/topic=places/);
  await expect(page.getByText("the AWS region eu-central-1")).toBeVisible();
  for (const topic of ["connecting", "partial", "modes", "places", "sessions"]) {
    await page.goto(`/support?topic=${topic}`);
    await expect(page.locator("[aria-expanded=true]")).toHaveCount(1);
    if (topic === "connecting" || topic === "modes") await check(page, `support-${topic}`);
  }
});

test("support names the account, and the API describes itself", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/support");
  await page.getByRole("button", { name: "Copy both" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(
    /^Coffer account \w+, region eu-central-1$/,
  );
  const link = page.getByRole("link", { name: "Open the API description" });
  const described = await page.request.get((await link.getAttribute("href")) ?? "");
  expect(await described.json()).toMatchObject({ openapi: expect.stringMatching(/^3\.1/) });
});
