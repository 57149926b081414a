import type { Page } from "@playwright/test";
import { check, expect, mock, nobody, pending, test } from "./fixtures";
import { address, enterBrowser, mailedLink, newcomer, newPassword } from "./newcomer";
import type { Schema } from "./sample";

test.use({ storageState: nobody });

const field = (page: Page, name: string) => page.getByRole("textbox", { name, exact: true });
const press = (page: Page, name: string) => page.getByRole("button", { name }).click();

async function fillSignUp(page: Page, email: string, password: string) {
  await field(page, "E-mail").fill(email);
  await field(page, "Your name").fill("Nina Newcomer");
  await field(page, "Company").fill("Newcomer Ltd.");
  await field(page, "Password").fill(password);
}

async function signIn(page: Page, email: string, password: string) {
  await field(page, "E-mail").fill(email);
  await field(page, "Password").fill(password);
  await press(page, "Sign in");
}

test("signing up, activating and signing in lead to the homepage", async ({ page }) => {
  const [email, password] = [address(), newPassword()];
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "Start a free trial" }).click();
  await expect(page.getByRole("combobox", { name: "Location" })).toHaveValue(/\w/); // the only one is chosen
  await fillSignUp(page, email, password);
  await check(page, "sign-up");
  await press(page, "Start the trial");
  await expect(page.getByRole("heading", { name: "Check your mail" })).toBeVisible();
  await expect(page.getByText(email)).toBeVisible();
  await check(page, "sign-up-sent");

  const first = await mailedLink(email, "activate");
  await press(page, "Send it again");
  await expect(page.getByText("The message was sent again.")).toBeVisible();
  await page.goto(await mailedLink(email, "activate", first));
  await expect(page.getByRole("button", { name: "Activate the account" })).toBeVisible();
  await expect(page).toHaveURL(/\/activate$/); // the token is in no history
  await check(page, "activate");
  await press(page, "Activate the account");
  await expect(page.getByText("Your account is active.")).toBeVisible();
  await check(page, "sign-in-activated");
  await signIn(page, email, password);
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
  await expect(page).toHaveURL(/\/$/);
});

test("another address can be entered after signing up with a mistyped one", async ({ page }) => {
  await page.goto("/sign-up");
  await fillSignUp(page, address(), newPassword());
  await press(page, "Start the trial");
  await press(page, "Use another address");
  await expect(field(page, "Company")).toHaveValue("Newcomer Ltd.");
});

test("the sign-up says at each field what is missing, and what the server refuses", async ({ page }) => {
  await page.goto("/sign-up");
  await expect(page.getByRole("combobox", { name: "Location" })).toBeEnabled();
  await press(page, "Start the trial");
  await expect(field(page, "E-mail")).toBeFocused();
  await expect(field(page, "E-mail")).toHaveAccessibleDescription(/Enter an e-mail address/);
  await expect(field(page, "Password")).toHaveAccessibleDescription(/at least 12 characters/);
  await check(page, "sign-up-refused");
  await fillSignUp(page, address(), "password1234password");
  await press(page, "Start the trial");
  await expect(field(page, "Password")).toBeFocused();
  await expect(field(page, "Password")).toHaveAccessibleDescription(/guessed first/);
});

test("the rules of a new password are ticked off while it is typed", async ({ page }) => {
  await page.goto("/sign-up");
  const met = (rule: string) => page.getByRole("listitem").filter({ hasText: rule });
  await field(page, "E-mail").fill("nina.newcomer@example.com");
  await field(page, "Password").fill("nina.newcomer");
  await expect(met("12 to 128 characters")).toContainText("done");
  await expect(met("Not your e-mail address")).not.toContainText("done");
  await field(page, "Password").fill("nina.newcomer and Ada");
  await expect(met("Not your e-mail address")).toContainText("done");
});

test("the locations are waited for", async ({ page }) => {
  await mock(page, "GET /api/sign-up", pending);
  await page.goto("/sign-up");
  await expect(page.getByPlaceholder("Loading the locations…")).toBeDisabled();
  await check(page, "sign-up-loading");
});

test("locations that cannot be loaded can be asked for again", async ({ page }) => {
  await mock(page, "GET /api/sign-up", { status: 400, problem: "The locations have gone fishing." });
  await page.goto("/sign-up");
  await expect(page.getByRole("alert")).toContainText("gone fishing");
  await check(page, "sign-up-error");
  await page.unrouteAll();
  await press(page, "Try again");
  await expect(page.getByRole("combobox", { name: "Location" })).toBeEnabled();
});

const places = {
  json: {
    items: [
      { id: "ca", name: "Canada", here: false },
      { id: "de", name: "EU (Germany)", here: true },
      { id: "jp", name: "Japan", here: false, portal: "https://jp.coffer.example" },
    ],
  } satisfies Schema<"ListLocation">,
};

test("of several locations one has to be chosen", async ({ page }) => {
  await mock(page, "GET /api/sign-up", places);
  await page.goto("/sign-up");
  await fillSignUp(page, address(), newPassword());
  await press(page, "Start the trial");
  const location = page.getByRole("combobox", { name: "Location" });
  await expect(location).toHaveAccessibleDescription(/Choose where the backups are to be kept/);
  await location.click();
  await expect(page.getByRole("option", { name: "Canada (not open yet)" })).toBeDisabled();
  await page.getByRole("option", { name: "Japan" }).click();
  await expect(page.getByText("Accounts in Japan have a portal of their own.")).toBeVisible();
  const on = page.getByRole("link", { name: "Go on to Japan" });
  await expect(on).toHaveAttribute("href", "https://jp.coffer.example/sign-up?location=jp");
  await check(page, "sign-up-elsewhere");
  await location.click();
  await page.getByRole("option", { name: "EU (Germany)" }).click();
  await expect(page.getByRole("button", { name: "Start the trial" })).toBeVisible();
});

test("the location that a link names is chosen already", async ({ page }) => {
  await page.goto("/sign-up?location=de");
  await expect(page.getByRole("combobox", { name: "Location" })).toHaveValue("EU (Germany)");
});

test("links that are used up, expired or cut short say what to do", async ({ page }) => {
  await page.goto("/activate#nobody.nothing");
  await press(page, "Activate the account");
  await expect(page.getByText("used already or has expired")).toBeVisible();
  await check(page, "activate-ended");
  await page.getByRole("link", { name: "Sign up again" }).click();
  await expect(page.getByRole("heading", { name: "Start a free trial" })).toBeVisible();

  await page.goto("/activate");
  await expect(page.getByText("A part of it is missing.")).toBeVisible();

  await page.goto("/reset-password");
  await expect(page.getByText("A part of it is missing.")).toBeVisible();
  await page.goto("/reset-password#nobody.nothing");
  const password = newPassword();
  await field(page, "New Password").fill(password);
  await field(page, "Confirm New Password").fill(password);
  await press(page, "Save");
  await expect(page.getByText("replaced by a newer one or has expired")).toBeVisible();
  await check(page, "reset-password-ended");
  await page.getByRole("link", { name: "Send a new link" }).click();
  await expect(page.getByRole("heading", { name: "Reset your password" })).toBeVisible();
});

test("a forgotten password is replaced by way of a mailed link", async ({ page }) => {
  const { email, password: old } = await newcomer();
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await press(page, "Send the link");
  await expect(field(page, "E-mail")).toHaveAccessibleDescription(/Enter an e-mail address/);
  await field(page, "E-mail").fill(email);
  await check(page, "forgot-password");
  await press(page, "Send the link");
  await expect(page.getByText(email)).toBeVisible();
  await check(page, "forgot-password-sent");

  await page.goto(await mailedLink(email, "reset-password"));
  await expect(page).toHaveURL(/\/reset-password$/);
  const password = newPassword();
  await field(page, "New Password").fill(password);
  await field(page, "Confirm New Password").fill("something else");
  await press(page, "Save");
  await expect(field(page, "Confirm New Password")).toHaveAccessibleDescription(/not the same/);
  await check(page, "reset-password");
  await field(page, "Confirm New Password").fill(password);
  await press(page, "Save");
  await expect(page.getByText("Your password was changed")).toBeVisible();

  await signIn(page, email, old);
  await expect(page.getByRole("alert")).toContainText("The e-mail address or the password is wrong.");
  await check(page, "sign-in-refused");
  await signIn(page, email, password);
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
});

test("a reset can be left without changing anything", async ({ page }) => {
  await page.goto("/reset-password#some.token");
  await page.getByRole("link", { name: "Cancel" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("a link that is opened in the same tab later counts", async ({ page }) => {
  await page.goto("/activate");
  await expect(page.getByText("A part of it is missing.")).toBeVisible();
  await page.evaluate(() => window.location.assign("#nobody.nothing"));
  await expect(page.getByRole("button", { name: "Activate the account" })).toBeVisible();
});

test("whose session has ended is told so, and comes back after signing in", async ({ page }) => {
  const who = await newcomer();
  await page.goto("/sign-in");
  await enterBrowser(page, who);
  await page.goto("/settings/account");
  await expect(page.getByRole("heading", { name: "Account settings" })).toBeVisible();
  expect((await page.request.delete("/api/session")).status()).toBe(204);
  await page.getByRole("link", { name: "Security" }).click();
  await expect(page.getByText("Your session has ended.")).toBeVisible();
  await check(page, "sign-in-expired");
  await signIn(page, who.email, who.password);
  await expect(page.getByRole("heading", { name: "Security settings" })).toBeVisible();
});

test("the sign-in says what is missing", async ({ page }) => {
  await page.goto("/jobs");
  await expect(page.getByText("Sign in to see the page that you asked for.")).toBeVisible();
  await press(page, "Sign in");
  await expect(field(page, "E-mail")).toBeFocused();
  await expect(field(page, "Password")).toHaveAccessibleDescription(/Enter your password/);
  await page.getByRole("button", { name: "Show what was typed" }).press("Enter");
  await expect(field(page, "Password")).toHaveAttribute("type", "text");
});
