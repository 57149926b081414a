import { check, expect, mock, nobody, test } from "./fixtures";

test("the sections of the portal can be reached by keyboard alone", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Jobs" }).focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/jobs$/);
  await expect(page.getByRole("link", { name: "Jobs" })).toHaveAttribute("aria-current", "page");
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1, name: "Homepage" })).toBeVisible();
});

test("an address without a page says so", async ({ page }) => {
  await page.goto("/nothing/here");
  await expect(page.getByRole("heading", { name: "There is nothing at this address" })).toBeVisible();
  await check(page, "not-found");
});

test("on a phone the sections are behind a button", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/");
  await page.getByRole("button", { name: "Navigation" }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Support" }).click();
  await expect(page).toHaveURL(/\/support$/);
});

test("the look can be chosen and is remembered", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Demo Administrator" }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
});

test("a server that cannot be reached is said so, and trying again helps", async ({ page }) => {
  await mock(page, "GET /api/session", {
    status: 503,
    problem: "Coffer is being looked after. Try again in a minute.",
  });
  await page.goto("/");
  await expect(page.getByRole("alert")).toContainText("Coffer is being looked after");
  await check(page, "unreachable");
  await page.unrouteAll();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
});

test.describe("who is not signed in", () => {
  test.use({ storageState: nobody });

  test("is asked to sign in and comes back to where the link led", async ({ page }) => {
    await page.goto("/jobs?order=asc");
    await expect(page).toHaveURL(/\/sign-in\?next=/);
    await page.getByLabel("E-mail").fill("admin@northwind.example");
    await page.getByRole("textbox", { name: "Password" }).fill(process.env.PASSWORD ?? "");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).toHaveURL(/\/jobs\?order=asc$/);
  });
});
