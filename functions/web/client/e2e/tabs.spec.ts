import type { Page } from "@playwright/test";
import { email } from "./admin";
import { expect, nobody, test } from "./fixtures";

test.use({ storageState: nobody }); // so that signing out ends no other test's session

async function signIn(page: Page) {
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill(process.env.PASSWORD ?? "");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
}

test("signing out in one tab signs the other out, and back in brings both back", async ({
  page,
  context,
}) => {
  await page.goto("/jobs");
  await signIn(page);
  await expect(page).toHaveURL(/\/jobs$/);
  const other = await context.newPage();
  await other.goto("/activity");
  await expect(other.getByRole("heading", { level: 1 })).toBeVisible();

  await page.getByRole("button", { name: "Demo Administrator" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(other).toHaveURL(/\/sign-in\?next=%2Factivity$/);

  await signIn(page);
  await expect(other).toHaveURL(/\/activity$/);
  await expect(other.getByRole("heading", { level: 1 })).toBeVisible();
});

test("a session that was ended elsewhere asks to sign in, and leads back", async ({ page }) => {
  await page.goto("/jobs");
  await signIn(page);
  const cookie = (await page.context().cookies()).map((c) => `${c.name}=${c.value}`).join("; ");
  const ended = await fetch(`${process.env.PRODUCT}/api/session`, {
    method: "DELETE",
    headers: { Cookie: cookie },
  });
  expect(ended.status).toBe(204);
  await page.getByRole("link", { name: "Activity" }).click();
  await expect(page).toHaveURL(/\/sign-in\?next=%2Factivity/);
});
