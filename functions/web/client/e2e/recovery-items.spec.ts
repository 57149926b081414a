import { check, expect, mock, pending, test } from "./fixtures";
import { anItem, archive, list, mockArchive, ofArchive, real } from "./recovery";
import type { Schema } from "./sample";

const broken = { status: 500, problem: "Something went wrong on our side." } as const;
const snapshot = `${archive}/snapshot1`;
const bar = { name: "Actions on the selection" };

const board = anItem({ kind: "folder", id: "1", name: "Board", size: undefined, sha1: undefined });
const minutes = anItem({ kind: "folder", id: "2", parent: "1", name: "Minutes", size: undefined });

test.describe("a snapshot's folders", () => {
  test("are walked through by keyboard, and the way back is the browser's", async ({ page }) => {
    const { snapshot, folder, file } = await real();
    await page.goto(snapshot);
    await page.getByRole("link", { name: folder.name, exact: true }).focus();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(`${snapshot}?parent=${folder.id}`);
    await expect(page.getByRole("navigation", { name: "Folders" })).toContainText(`All Files/${folder.name}`);
    await expect(page.getByText(file.name, { exact: true })).toBeVisible();
    await check(page, "recovery-folder");
    await page.goBack();
    await expect(page).toHaveURL(snapshot);
    await expect(page.getByRole("link", { name: folder.name, exact: true })).toBeVisible();
  });

  test("keep what is selected in others, and include what is in them", async ({ page }) => {
    const { snapshot, folder, file } = await real();
    await page.goto(snapshot);
    await page.getByRole("link", { name: folder.name, exact: true }).click();
    await page.getByRole("checkbox", { name: `Select ${file.name}`, exact: true }).check();
    await expect(page.getByRole("region", bar)).toContainText("1 file selected");
    await page.getByRole("link", { name: "All Files" }).click();
    const tick = page.getByRole("checkbox", { name: `Select ${folder.name}`, exact: true });
    await expect(tick).toHaveJSProperty("indeterminate", true);
    await tick.check();
    await expect(page.getByRole("region", bar)).toContainText("1 folder selected");
    await page.getByRole("link", { name: folder.name, exact: true }).click();
    const included = page.getByRole("checkbox", { name: `Select ${file.name}`, exact: true });
    await expect(included).toBeChecked();
    await expect(included).toBeDisabled();
    await expect(page.getByText(`The folder “${folder.name}” is selected`)).toBeVisible();
    await check(page, "recovery-included");
    await page.getByRole("button", { name: `Unselect “${folder.name}”` }).click();
    await expect(included).toBeEnabled();
    await expect(page.getByRole("region", bar)).toContainText("Select at least one item");
  });

  test("give what is selected for looking through and removing", async ({ page }) => {
    const { snapshot, folder, file } = await real();
    await page.goto(`${snapshot}?parent=${folder.id}`);
    await page.getByRole("checkbox", { name: "Select all on this page" }).check();
    await page.getByRole("button", { name: "Show selection" }).click();
    const panel = page.getByRole("dialog");
    await expect(panel.getByRole("listitem").filter({ hasText: file.name }).first()).toContainText(
      `File in All Files / ${folder.name}`,
    );
    await check(page, "recovery-selection");
    const before = await panel.getByRole("listitem").count();
    await panel.getByRole("button", { name: `Remove ${file.name}`, exact: true }).click();
    await expect(panel.getByRole("listitem")).toHaveCount(before - 1);
    await panel.getByRole("button", { name: "Remove all" }).click();
    await expect(panel).toBeHidden();
    await expect(page.getByRole("button", { name: "Restore", exact: true })).toBeDisabled();
  });

  test("can be selected all at once", async ({ page }) => {
    const { snapshot } = await real();
    await page.goto(snapshot);
    const whole = page.getByRole("button", { name: "Select the whole snapshot" });
    await whole.click();
    await expect(whole).toHaveAttribute("aria-pressed", "true");
    await expect(page.getByRole("checkbox", { name: "Select all on this page" })).toBeChecked();
    await expect(page.getByRole("region", bar)).toContainText(/^The whole snapshot of .* is selected/);
    await page.getByRole("region", bar).getByRole("button", { name: "Clear" }).click();
    await expect(whole).toHaveAttribute("aria-pressed", "false");
  });

  test("are sorted by the server and show checksums on demand", async ({ page }) => {
    const { snapshot, folder, file } = await real();
    await page.goto(`${snapshot}?parent=${folder.id}`);
    await page.getByRole("button", { name: "Size" }).click();
    await expect(page).toHaveURL(/sort=size&order=asc/); // the next click turns the order around
    await page.getByRole("button", { name: "Size" }).click();
    await expect(page).toHaveURL(/sort=size&order=desc/);
    await expect(page.getByRole("columnheader", { name: "Size" })).toHaveAttribute("aria-sort", "descending");
    await expect(page.getByText(file.sha1 ?? "none")).toHaveCount(0);
    await page.getByRole("switch", { name: "Show SHA-1" }).check();
    await expect(page.getByText(file.sha1 ?? "none").first()).toBeVisible();
    await check(page, "recovery-sha1");
  });

  test("are searched by name", async ({ page }) => {
    const { snapshot, folder, file } = await real();
    await page.goto(`${snapshot}?parent=${folder.id}`);
    await page.getByRole("searchbox", { name: "Search this snapshot" }).fill(file.name);
    const row = page
      .getByRole("table", { name: "Items found" })
      .getByRole("row")
      .filter({ hasText: file.name });
    await expect(row.getByRole("link", { name: folder.name, exact: true }).first()).toBeVisible();
    await page.getByRole("button", { name: "Clear the search" }).click();
    await expect(page.getByRole("navigation", { name: "Folders" })).toContainText(folder.name);
  });

  test("say in words what the snapshot lacks", async ({ page }) => {
    await mockArchive(page, {
      snapshot: { status: "Partial", failed: 2 },
      failures: [
        {
          kind: "file",
          id: "11",
          name: "Infected.exe",
          path: ["Board", "Old"],
          reason: "Box does not give infected files.",
          since: "2026-11-20T10:00:00Z",
        },
        {
          kind: "file",
          id: "12",
          reason: "Box did not let it be downloaded.",
          since: "2026-11-20T10:00:00Z",
        },
      ],
    });
    const items = [
      board,
      anItem({
        kind: "folder",
        id: "3",
        name: "Shared by Bruno",
        state: "reference",
        ownedBy: "bruno@n.example",
      }),
      anItem({ id: "11", name: "Infected.exe", state: "absent", size: undefined, sha1: undefined }),
      anItem({ id: "12", name: "Plan.txt", state: "earlier" }),
      anItem({ id: "13", name: "Theirs.pdf", ownedBy: "noor@fresnel.example" }),
      anItem({ kind: "web_link", id: "14", name: "Intranet", url: "https://intranet.northwind.example/" }),
    ];
    await mock(page, ofArchive.items, { json: list(items) });
    await page.goto(snapshot);
    await expect(page.getByRole("row", { name: /Infected/ })).toContainText("Not backed up");
    await expect(page.getByRole("checkbox", { name: "Select Infected.exe" })).toBeDisabled();
    await expect(page.getByRole("row", { name: /Plan/ })).toContainText("An earlier version");
    await expect(page.getByRole("checkbox", { name: "Select Plan.txt" })).toBeEnabled();
    await expect(page.getByRole("row", { name: /Theirs/ })).toContainText("Owned by noor@fresnel.example");
    const shared = page.getByRole("row", { name: /Shared by Bruno/ });
    await expect(shared.getByRole("link", { name: "bruno@n.example" })).toHaveAttribute(
      "href",
      "/recovery/task1?q=bruno%40n.example",
    );
    await expect(page.getByRole("checkbox", { name: "Select Shared by Bruno" })).toBeDisabled();
    await page.getByRole("checkbox", { name: "Select all on this page" }).check();
    await expect(page.getByRole("region", bar)).toContainText("1 folder, 2 files, 1 web link selected");
    await page.getByRole("button", { name: "Show the list" }).click();
    await expect(page.getByRole("row", { name: /Infected.exe Board \/ Old Box does not/ })).toBeVisible();
    await check(page, "recovery-lacking");
  });

  test("may be empty", async ({ page }) => {
    await mockArchive(page);
    await mock(page, ofArchive.items, { json: list([], [board, minutes]) });
    await page.goto(`${snapshot}?parent=2`);
    await expect(page.getByRole("heading", { name: "This folder is empty" })).toBeVisible();
    await expect(page.getByRole("link", { name: "Board" })).toHaveAttribute("href", `${snapshot}?parent=1`);
    await check(page, "recovery-folder-empty");
  });

  test("are awaited", async ({ page }) => {
    await mockArchive(page);
    await mock(page, ofArchive.items, pending);
    await page.goto(snapshot);
    const table = page.getByRole("table", { name: "Items in this folder" });
    await expect(table).toHaveAttribute("aria-busy", "true");
    await check(page, "recovery-folder-loading");
  });

  test("that cannot be loaded are asked for anew", async ({ page }) => {
    await mockArchive(page);
    await mock(page, ofArchive.items, broken);
    await page.goto(snapshot);
    await expect(page.getByRole("alert")).toContainText(broken.problem);
    await check(page, "recovery-folder-error");
    await mock(page, ofArchive.items, { json: list([board]) });
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByRole("link", { name: "Board" })).toBeVisible();
  });

  test("of a snapshot that is gone are not looked for", async ({ page }) => {
    const { address } = await real();
    await page.goto(`${address}/nosuchsnapshot`);
    await expect(page.getByRole("alert")).toContainText("This does not exist");
  });
});

test.describe("the item search", () => {
  test("finds names in the latest snapshot and where they are", async ({ page }) => {
    const { address, folder, file } = await real();
    await page.goto(address);
    await page.getByRole("radio", { name: "Via Item Search" }).check();
    await expect(page).toHaveURL(/via=search/);
    await expect(page.getByRole("heading", { name: "What are you looking for?" })).toBeVisible();
    await check(page, "recovery-search");
    await page.getByRole("searchbox", { name: "A word or phrase in the name" }).fill(file.name);
    const row = page.getByRole("row").filter({ hasText: file.name }).filter({ hasText: folder.name });
    await expect(row.first()).toBeVisible();
    await row.first().getByRole("checkbox").check();
    await expect(page.getByRole("button", { name: "Restore", exact: true })).toBeEnabled();
    await check(page, "recovery-found");
    await row.first().getByRole("link", { name: folder.name, exact: true }).click();
    await expect(page).toHaveURL(new RegExp(`parent=${folder.id}`));
    await expect(page.getByRole("checkbox", { name: `Select ${file.name}`, exact: true })).toBeChecked();
    await page.goBack();
    await expect(page.getByRole("region", bar)).toContainText("1 file selected");
  });

  test("can be for one type, in an older snapshot", async ({ page }) => {
    await mockArchive(page);
    const asked: URL[] = [];
    await page.route("**/items?*", (route) => {
      asked.push(new URL(route.request().url()));
      return route.fulfill({ json: list([anItem()]) });
    });
    await page.goto(`${archive}?via=search&q=minutes&in=older`);
    await expect(page.getByRole("combobox", { name: "Snapshot that is searched" })).toHaveValue(
      "An older one",
    );
    await expect(page.getByText("Minutes.docx")).toBeVisible();
    expect(asked[0]?.pathname).toContain("/snapshots/older/items");
    await page.getByRole("combobox", { name: "All types" }).click();
    await page.getByRole("option", { name: "Files" }).click();
    await expect.poll(() => asked.at(-1)?.searchParams.get("kind")).toBe("file");
    await expect(page).toHaveURL(/kind=file/);
  });

  test("says where nothing has such a name", async ({ page }) => {
    const { address } = await real();
    await page.goto(`${address}?via=search&q=nothinghasthisname`);
    await expect(page.getByRole("heading", { name: "Nothing has such a name" })).toBeVisible();
    await check(page, "recovery-found-nothing");
  });

  test("is awaited, and asked anew where it fails", async ({ page }) => {
    await mockArchive(page);
    await mock(page, ofArchive.items, pending);
    await page.goto(`${archive}?via=search&q=minutes`);
    await expect(page.getByRole("table", { name: "Items found" })).toHaveAttribute("aria-busy", "true");
    await check(page, "recovery-found-loading");
    await mock(page, ofArchive.items, broken);
    await page.reload();
    await expect(page.getByRole("alert")).toContainText(broken.problem);
    await check(page, "recovery-found-error");
  });

  test("goes through the pages of what it finds", async ({ page }) => {
    await mockArchive(page);
    await page.route("**/items?*", (route) => {
      const { searchParams } = new URL(route.request().url());
      const second = searchParams.get("cursor") === "second";
      const json: Schema<"ItemList"> = second
        ? { items: [anItem({ id: "31", name: "Last minutes.txt" })], path: [] }
        : { items: [anItem({ id: "30", name: "First minutes.txt" })], path: [], next: "second" };
      return route.fulfill({ json });
    });
    await page.goto(`${archive}?via=search&q=minutes`);
    await page.getByRole("checkbox", { name: "Select First minutes.txt" }).check();
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByRole("checkbox", { name: "Select Last minutes.txt" }).check();
    await expect(page.getByRole("region", bar)).toContainText("2 files selected");
    await page.getByRole("button", { name: "Previous" }).click();
    await expect(page.getByRole("checkbox", { name: "Select First minutes.txt" })).toBeChecked();
  });
});
