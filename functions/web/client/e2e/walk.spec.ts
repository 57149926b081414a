import type { Page } from "@playwright/test";
import { until } from "./admin";
import { check, expect, follow, nobody, test } from "./fixtures";
import { address, mailedLink, newPassword } from "./newcomer";

test.use({ storageState: nobody });
test.setTimeout(240_000);

const owner = "Dmitri Orlov";

const press = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).click();
const field = (page: Page, name: string) => page.getByRole("textbox", { name, exact: true });

/** act does something from the Action menu for the Box users that are ticked. */
async function act(page: Page, action: string) {
  await press(page, "Action");
  await page.getByRole("menuitem", { name: action }).click();
  await page.getByRole("dialog").getByRole("button", { name: action }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
}

/** openBox shows the owner's first folder on the simulated Box's page, and returns the page and the folder's name. */
async function openBox(page: Page) {
  const box = await page.context().newPage();
  await box.goto(process.env.BOX ?? "");
  await box.getByRole("button", { name: owner }).click();
  await expect(box.getByRole("button", { name: owner })).toHaveAttribute("aria-current", "true");
  const folders = box
    .getByRole("row")
    .filter({ has: box.getByRole("cell", { name: "folder", exact: true }) });
  const folder = await folders.first().getByRole("cell").first().innerText();
  await openFolder(box, folder);
  return { box, folder };
}

async function openFolder(box: Page, folder: string) {
  await box.getByRole("cell").getByRole("button", { name: folder, exact: true }).click();
  await expect(box.getByRole("navigation", { name: "Folder" })).toContainText(folder);
}

const files = (box: Page) =>
  box.getByRole("row").filter({ has: box.getByRole("cell", { name: "file", exact: true }) });

test("from signing up to a file that is back in Box", async ({ page }) => {
  const [email, password] = [address(), newPassword()];

  await test.step("sign up, activate, sign in", async () => {
    await page.goto("/sign-up");
    await field(page, "E-mail").fill(email);
    await field(page, "Your name").fill("Wanda Walker");
    await field(page, "Company").fill("Walker Ltd.");
    await field(page, "Password").fill(password);
    await press(page, "Start the trial");
    await page.goto(await mailedLink(email, "activate"));
    await press(page, "Activate the account");
    await field(page, "E-mail").fill(email);
    await field(page, "Password").fill(password);
    await press(page, "Sign in");
    await expect(page.getByRole("heading", { level: 1, name: "Homepage" })).toBeVisible();
    await check(page, "walk-1-first-screen");
  });

  await test.step("add a backup task and authorise it at Box", async () => {
    await page.getByRole("link", { name: "Add Backup Task" }).first().click();
    await field(page, "Backup Name").fill("Our Box");
    await press(page, "Authenticate in Box");
    await expect(page.getByRole("heading", { name: "Grant access to Box" })).toBeVisible();
    await page.getByRole("combobox", { name: "Sign in as" }).selectOption({ index: 0 });
    await press(page, "Grant access to Box");
    await expect(page).toHaveURL(/\/tasks\/\w+\/settings/);
    await expect(page.getByText("Connected", { exact: true }).first()).toBeVisible();
    await check(page, "walk-2-connected");
  });

  await test.step("activate Box users, and back one up", async () => {
    await page
      .getByRole("link", { name: "Box users" })
      .or(page.getByRole("tab", { name: "Box users" }))
      .first()
      .click();
    await expect(page.getByRole("row", { name: owner })).toContainText("Not Active");
    await page.getByRole("checkbox", { name: "Select all on this page" }).click();
    await act(page, "Activate");
    await expect(page.getByRole("row", { name: owner })).toContainText("Scheduled");
    await page.getByRole("checkbox", { name: `Select ${owner}` }).click();
    await act(page, "Backup now");
    await expect(page.getByRole("row", { name: owner })).toContainText("Success"); // without reloading
    await check(page, "walk-3-backed-up");
  });

  const { box, folder } = await openBox(page);
  const lost = await files(box).first().getByRole("cell").first().innerText();
  await test.step("delete a file at Box", async () => {
    await box.getByRole("button", { name: `Delete ${lost}`, exact: true }).click();
    await box.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await expect(box.getByRole("status")).toHaveText(`Deleted ${lost}.`);
    await expect(box.getByRole("cell", { name: lost, exact: true })).toBeHidden();
  });

  await test.step("find it in the snapshot and restore it", async () => {
    await follow(page, "Recovery", "Restore & Download");
    await page.getByRole("link", { name: "Our Box", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Our Box" })).toBeVisible();
    await page.getByRole("link", { name: owner, exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name: owner })).toBeVisible();
    await page
      .getByRole("link", { name: /^Open the snapshot/ })
      .first()
      .click();
    await page.getByRole("link", { name: folder, exact: true }).click();
    await expect(page).toHaveURL(/[?&]parent=/);
    await page.getByRole("checkbox", { name: lost }).click();
    await press(page, "Restore");
    const dialog = page.getByRole("dialog", { name: "Restore" });
    await dialog.getByRole("textbox", { name: /Job label/ }).fill("The lost file");
    await dialog.getByRole("radio", { name: "In place, bypass" }).click();
    await check(page, "walk-4-restore");
    await dialog.getByRole("button", { name: "Restore 1 file" }).click();
    await expect(page).toHaveURL(/\/jobs\/\w+$/);
    await expect(page.getByRole("heading", { level: 1, name: "Restore: The lost file" })).toBeVisible();
    await expect(page.getByText("Succeeded", { exact: true }).first()).toBeVisible(); // without reloading
    await expect(page.getByRole("row", { name: lost })).toContainText("Restored");
    await check(page, "walk-5-restored");
  });

  await test.step("it is back where it was, and a mail says so", async () => {
    await box.getByRole("navigation", { name: "Folder" }).getByRole("button", { name: "All Files" }).click();
    await openFolder(box, folder);
    await expect(box.getByRole("cell", { name: lost, exact: true })).toBeVisible();
    await until("the mail about the restore", async () => {
      const mails: { to: string[]; subject: string }[] = await (
        await fetch(`${process.env.PRODUCT}/_local/mail/mails.json`)
      ).json();
      return mails.find((m) => m.to.includes(email) && /restore/i.test(m.subject));
    });
    await follow(page, "Jobs");
    await expect(page.getByText("The lost file")).toBeVisible();
    await follow(page, "Homepage");
    await expect(page.getByRole("row", { name: "Our Box" })).toContainText("12 of 12");
    await check(page, "walk-6-home");
  });
});
