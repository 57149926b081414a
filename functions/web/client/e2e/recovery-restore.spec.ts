import type { Page } from "@playwright/test";
import { call, until } from "./admin";
import { check, expect, mock, pending, test } from "./fixtures";
import { anItem, archive, list, mockArchive, ofArchive, real } from "./recovery";
import { aTask, aUser, listed, type Schema } from "./sample";

const snapshot = `${archive}/snapshot1`;

const count: Schema<"Count"> = {
  files: 12,
  folders: 3,
  webLinks: 1,
  bytes: 3_400_000,
  absent: 0,
  references: 0,
};

const dialog = (page: Page) => page.getByRole("dialog", { name: "Restore" });

/** ask selects a file of a mocked snapshot and opens the dialog. */
async function ask(page: Page, counted: Partial<Schema<"Count">> | typeof pending = {}) {
  await mock(page, ofArchive.items, { json: list([anItem({ kind: "folder", id: "1", name: "Board" })]) });
  await mock(page, ofArchive.count, counted === pending ? pending : { json: { ...count, ...counted } });
  await page.goto(snapshot);
  await page.getByRole("checkbox", { name: "Select Board" }).check();
  await page.getByRole("button", { name: "Restore", exact: true }).click();
  await expect(dialog(page)).toContainText("Ada Lovegrove");
}

/** posted keeps what the dialog asks for, and refuses it. */
async function posted(page: Page, status: number, body: object) {
  const jobs: Schema<"NewJob">[] = [];
  await page.route("**/api/jobs", (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    jobs.push(route.request().postDataJSON());
    return route.fulfill({ status, contentType: "application/problem+json", body: JSON.stringify(body) });
  });
  return jobs;
}

test("a selected file is restored into a new folder", async ({ page }) => {
  const { snapshot, folder, file, user } = await real();
  await page.goto(`${snapshot}?parent=${folder.id}`);
  await page.getByRole("checkbox", { name: `Select ${file.name}`, exact: true }).check();
  await page.getByRole("button", { name: "Restore", exact: true }).click();
  await expect(dialog(page)).toContainText(`From the archive of ${user.name} (${user.login}), as it was on`);
  await expect(dialog(page)).toContainText("1 file (");
  await expect(dialog(page)).toContainText(/“Restored by Coffer \d{4}-\d{2}-\d{2} \d{2}\.\d{2}\.\d{2} UTC”/);
  await expect(dialog(page)).toContainText("a summary is sent to admin@northwind.example");
  await page.getByRole("textbox", { name: "Job label (optional)" }).fill("Found again");
  await expect(dialog(page)).toContainText("11 of 50 characters");
  await check(page, "restore");
  await page.getByRole("button", { name: "Restore 1 file" }).click();
  await expect(page).toHaveURL(/\/jobs\/[^/]+$/);
  const id = page.url().split("/").at(-1);
  const job = await until("the end of the restore", async () => {
    const job = await call<Schema<"Job">>("GET", `/api/jobs/${id}`);
    return job.status === "Succeeded" ? job : undefined;
  });
  expect(job).toMatchObject({ label: "Found again", mode: "non_destructive", total: 2, whole: false });
});

test("what is restored can go to a folder of another Box user", async ({ page }) => {
  const { address, snapshot } = await real();
  const other = await real("Bruno Almeida");
  await page.goto(address);
  await page
    .getByRole("radio", { name: /^Select the snapshot of/ })
    .first()
    .check();
  await page.getByRole("button", { name: "Restore", exact: true }).click();
  await page.getByRole("button", { name: "Choose another place" }).click();
  const to = page.getByRole("combobox", { name: "Restore to" });
  await expect(to).toHaveValue("Ada Lovegrove");
  await to.fill("almeida");
  await expect(page.getByRole("option")).toHaveCount(1);
  await page.getByRole("option", { name: /Bruno Almeida/ }).click();
  await dialog(page).getByRole("button", { name: other.folder.name, exact: true }).click();
  await expect(dialog(page).getByRole("list", { name: "Chosen folder" })).toContainText(
    `All Files/${other.folder.name}`,
  );
  await check(page, "restore-elsewhere");
  const jobs = await posted(page, 409, { status: 409, title: "Conflict", detail: "Box is busy." });
  await dialog(page)
    .getByRole("button", { name: /^Restore \d+ files/ })
    .click();
  await expect(dialog(page).getByRole("alert")).toContainText("Box is busy.");
  expect(jobs[0]).toMatchObject({
    all: true,
    snapshot: snapshot.split("/").at(-1),
    destination: { user: other.user.id, folder: other.folder.id },
  });
  await page.unroute("**/api/jobs");
  await dialog(page)
    .getByRole("button", { name: /^Restore \d+ files/ })
    .click();
  await expect(page).toHaveURL(/\/jobs\/[^/]+$/);
  const job = await call<Schema<"Job">>("GET", `/api/jobs/${page.url().split("/").at(-1)}`);
  expect(job.destination).toMatchObject({ user: other.user.id, folderName: other.folder.name });
});

test("overwriting needs a tick, and what is typed survives a refusal", async ({ page }) => {
  await mockArchive(page);
  await ask(page);
  const jobs = await posted(page, 409, { status: 409, title: "Conflict", detail: "Connect it first." });
  await page.getByRole("textbox", { name: "Job label (optional)" }).fill("Board of June");
  await page.getByRole("radio", { name: "In place, replace" }).check();
  const also = dialog(page).getByRole("group", { name: "Also bring back" });
  await expect(also.getByRole("checkbox", { checked: true })).toHaveCount(2);
  await also.getByRole("checkbox", { name: "Sharing" }).check();
  await page.getByRole("button", { name: "Restore 12 files" }).click();
  await expect(dialog(page)).toContainText("Tick this to go on.");
  expect(jobs).toEqual([]);
  await check(page, "restore-replace");
  await page
    .getByRole("checkbox", { name: "I understand that newer versions of up to 12 files are overwritten" })
    .check();
  await page.getByRole("button", { name: "Restore 12 files" }).click();
  await expect(dialog(page).getByRole("alert")).toContainText("Connect it first.");
  expect(jobs).toEqual([
    {
      task: "task1",
      user: "17",
      snapshot: "snapshot1",
      mode: "replace",
      include: ["comments", "metadata", "sharing"],
      label: "Board of June",
      items: [{ kind: "folder", id: "1" }],
    },
  ]);
  await expect(page.getByRole("textbox", { name: "Job label (optional)" })).toHaveValue("Board of June");
  await check(page, "restore-refused");
});

test("what is wrong with a field is said at the field", async ({ page }) => {
  await mockArchive(page);
  await ask(page);
  await page.getByRole("textbox", { name: "Job label (optional)" }).fill("x".repeat(51));
  await page.getByRole("button", { name: "Restore 12 files" }).click();
  await expect(page.getByRole("textbox", { name: "Job label (optional)" })).toHaveAccessibleDescription(
    /At most 50 characters/,
  );
  await page.getByRole("textbox", { name: "Job label (optional)" }).fill("x".repeat(50));
  const message = "The latest snapshot of Ada Lovegrove has no such folder.";
  await posted(page, 400, {
    status: 400,
    title: "Bad Request",
    detail: message,
    errors: [{ location: "destination.folder", message }],
  });
  await page.getByRole("button", { name: "Restore 12 files" }).click();
  await expect(dialog(page).getByRole("group", { name: "In the folder" })).toContainText(message);
  await expect(dialog(page).getByRole("alert")).toHaveCount(0);
});

test("what cannot be restored is said before", async ({ page }) => {
  await mockArchive(page);
  await ask(page, { absent: 2, references: 1 });
  await expect(dialog(page)).toContainText("3 folders, 12 files (3.4 MB), 1 web link");
  await expect(dialog(page)).toContainText("2 files cannot be restored");
  await expect(dialog(page)).toContainText("1 item belongs to another Box user");
  await check(page, "restore-shortfalls");
});

test("nothing is restored where there is nothing", async ({ page }) => {
  await mockArchive(page);
  await ask(page, { files: 0, folders: 0, webLinks: 0, bytes: 0, absent: 1 });
  await expect(dialog(page)).toContainText("Nothing that can be restored");
  await expect(dialog(page).getByRole("button", { name: "Restore" })).toBeDisabled();
});

test("the numbers are awaited, and asked anew where they fail", async ({ page }) => {
  await mockArchive(page);
  await ask(page, pending);
  await expect(dialog(page).getByRole("status", { name: "Adding up what is selected" })).toBeVisible();
  await expect(dialog(page).getByRole("button", { name: "Restore" })).toBeDisabled();
  await check(page, "restore-loading");
  await mock(page, ofArchive.count, { status: 404, problem: "This snapshot does not exist." });
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("checkbox", { name: "Select Board" }).uncheck();
  await page.reload();
  await page.getByRole("checkbox", { name: "Select Board" }).check();
  await page.getByRole("button", { name: "Restore", exact: true }).click();
  await expect(dialog(page).getByRole("alert")).toContainText("This snapshot does not exist.");
  await check(page, "restore-error");
  await mock(page, ofArchive.count, { json: count });
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(dialog(page)).toContainText("12 files");
});

test("a restore that is being asked for is not left", async ({ page }) => {
  await mockArchive(page);
  await ask(page);
  await mock(page, "POST /api/jobs", pending);
  await page.getByRole("button", { name: "Restore 12 files" }).click();
  await expect(dialog(page).getByRole("button", { name: "Restore 12 files" })).toHaveAttribute(
    "data-loading",
    "true",
  );
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog(page)).toBeVisible();
});

test("of who is no longer at Box it goes to somebody else", async ({ page }) => {
  await mockArchive(page, { user: { status: "Archived", boxStatus: "inactive" } });
  const users = [
    aUser({ id: "18", name: "Bruno Almeida", login: "bruno@n.example", snapshot: undefined }),
    aUser({ id: "19", name: "Gone Too", login: "gone@n.example", boxStatus: "inactive" }),
  ];
  await mock(page, ofArchive.users, { json: listed(users) });
  await ask(page);
  await expect(page.getByRole("radio", { name: "In place, replace" })).toBeDisabled();
  await expect(dialog(page)).toContainText("Ada Lovegrove is not active at Box");
  const jobs = await posted(page, 409, { status: 409, title: "Conflict", detail: "Box is busy." });
  await page.getByRole("button", { name: "Restore 12 files" }).click();
  await expect(dialog(page)).toContainText("Choose a Box user.");
  await page.getByRole("combobox", { name: "Restore to" }).click();
  await expect(page.getByRole("option", { name: /Gone Too/ })).toHaveCount(0);
  await page.getByRole("option", { name: /Bruno Almeida/ }).click();
  await expect(dialog(page)).toContainText("Bruno Almeida has no backup yet");
  await check(page, "restore-archived");
  await page.getByRole("button", { name: "Restore 12 files" }).click();
  await expect.poll(() => jobs[0]?.destination).toEqual({ user: "18" });
});

test("without a connection to Box it says why not, and where to connect", async ({ page }) => {
  await mockArchive(page, { task: { connection: "Disconnected" } });
  await mock(page, ofArchive.items, { json: list([anItem()]) });
  await page.goto(snapshot);
  await page.getByRole("checkbox", { name: "Select Minutes.docx" }).check();
  await expect(page.getByRole("button", { name: "Restore", exact: true })).toBeDisabled();
  await expect(page.getByRole("alert")).toContainText("nothing can be restored");
  await expect(page.getByRole("link", { name: "Connect to Box to restore" })).toHaveAttribute(
    "href",
    `/tasks/${aTask().id}/settings`,
  );
  await check(page, "restore-disconnected");
});
