import { check, expect, mock, pending, test } from "./fixtures";
import { anItem, archive, list, mockArchive, ofArchive, real } from "./recovery";
import type { Schema } from "./sample";

const snapshot = `${archive}/snapshot1`;
const operation = "GET /api/tasks/*/users/*/snapshots/*/items/*/details";

/** bare returns the details of an item that has nothing of its own. */
const bare = (some: Partial<Schema<"ItemDetails">> = {}): Schema<"ItemDetails"> => ({
  ...anItem(),
  path: [anItem({ kind: "folder", id: "1", name: "Board" }), anItem()],
  collaborations: [],
  comments: [],
  tasks: [],
  metadata: [],
  versions: [],
  ...some,
});

const full = bare({
  description: "What the board decided.\nNot for the press.",
  tags: ["board", "2026", "an uncomfortably_long_tag_that_nobody_should_ever_have_given_to_any_file"],
  createdBy: "Ada Lovegrove",
  modifiedBy: "Bruno Almeida",
  contentModified: "2026-02-01T09:30:00Z",
  classification: "Confidential",
  external: true,
  sharedLink: {
    url: "https://app.box.com/s/4e9zr0bhbv2gqf0q1ttd",
    access: "company",
    canDownload: true,
    canEdit: false,
    password: true,
    vanity: "https://northwind.box.com/v/minutes",
    expires: "2026-12-24T00:00:00Z",
  },
  collaborations: [
    { who: "Chiara Conti", login: "chiara@northwind.example", role: "viewer uploader", status: "accepted" },
    { who: "Sales", group: true, role: "editor", status: "accepted", expires: "2027-01-01T00:00:00Z" },
    { who: "noor@fresnel.example", login: "noor@fresnel.example", role: "viewer", status: "pending" },
  ],
  comments: [
    { id: "1", by: "Bruno Almeida", message: "Is this final?", created: "2026-02-02T08:00:00Z" },
    {
      id: "2",
      replyTo: "1",
      by: "Ada Lovegrove",
      message: "Yes.",
      created: "2026-02-02T09:00:00Z",
      modified: "2026-02-02T09:05:00Z",
    },
  ],
  tasks: [
    {
      action: "review",
      message: "Before the meeting",
      by: "Ada Lovegrove",
      due: "2026-02-10T12:00:00Z",
      assignees: [
        { who: "Chiara Conti", state: "approved" },
        { who: "Bruno Almeida", state: "incomplete" },
      ],
    },
  ],
  metadata: [
    {
      scope: "enterprise_800101",
      template: "contractData",
      fields: { contractNumber: 4711, regions: ["North", "South"], signed: "2026-02-03T00:00:00.000Z" },
    },
    { scope: "global", template: "properties", fields: { "Project code": "Aurora" } },
  ],
  versions: [
    { id: "91", number: 2, name: "Minutes.docx", size: 4100, sha1: "", state: "complete" },
    { id: "90", number: 1, name: "Draft.docx", size: 0, sha1: "", state: "absent" },
  ],
  shortened: true,
});

test.describe("the details of an item", () => {
  test("are all that the snapshot has of it", async ({ page }) => {
    await mockArchive(page);
    await mock(page, ofArchive.items, { json: list([anItem()]) });
    await mock(page, operation, { json: full });
    await page.goto(snapshot);
    const asked = page.waitForRequest(/items\/10\/details\?kind=file$/);
    await page.getByRole("button", { name: "Minutes.docx", exact: true }).click();
    await asked;
    const panel = page.getByRole("dialog", { name: "Minutes.docx" });
    const part = (name: string) => panel.getByRole("region", { name, exact: true });
    await expect(panel).toContainText("All Files / Board");
    await expect(panel).toContainText("Confidential");
    await expect(panel).toContainText("ada@northwind.example, of another company");
    await expect(part("Description")).toContainText("Not for the press.");
    await expect(part("Shared link")).toContainText(
      "People of the company could download it, with a password.",
    );
    await expect(part("Collaborators").getByRole("listitem")).toHaveCount(3);
    await expect(part("Collaborators")).toContainText("Viewer uploader");
    await expect(part("Collaborators")).toContainText("Pending");
    await expect(part("Comments").getByRole("listitem").nth(1)).toContainText(
      /^Yes\.Ada Lovegrove, .*edited$/,
    );
    await expect(part("Tasks")).toContainText("Review: Before the meeting");
    await expect(part("Tasks")).toContainText("Chiara Conti (approved), Bruno Almeida (incomplete)");
    await expect(part("Metadata")).toContainText("Contract number4711RegionsNorth, South");
    await expect(part("Past versions")).toContainText("Not backed up");
    await expect(panel.getByRole("link")).toHaveCount(0); // the shared link may lead anywhere by now
    await check(page, "item-details");
    await page.keyboard.press("Escape");
    await expect(panel).toBeHidden();
    await expect(page.getByRole("button", { name: "Minutes.docx", exact: true })).toBeFocused();
  });

  test("are few where there is nothing, and those of a folder are shown too", async ({ page }) => {
    const folder = anItem({ kind: "folder", id: "1", name: "Board", size: undefined, sha1: undefined });
    await mockArchive(page);
    await mock(page, ofArchive.items, { json: list([folder]) });
    await mock(page, operation, { json: { ...bare(), ...folder, path: [folder] } });
    await page.goto(snapshot);
    await page.getByRole("button", { name: "Details of Board" }).click();
    const panel = page.getByRole("dialog", { name: "Board" });
    await expect(panel.getByText("All Files")).toBeVisible();
    await expect(panel.getByRole("heading", { level: 3 })).toHaveCount(0);
    await check(page, "item-details-bare");
  });

  test("are awaited, and asked for anew where they fail", async ({ page }) => {
    await mockArchive(page);
    await mock(page, ofArchive.items, { json: list([anItem()]) });
    await mock(page, operation, pending);
    await page.goto(snapshot);
    await page.getByRole("button", { name: "Details of Minutes.docx" }).click();
    const panel = page.getByRole("dialog", { name: "Minutes.docx" });
    await expect(panel.getByRole("status", { name: "Loading the details of the file" })).toBeVisible();
    await check(page, "item-details-loading");
    await mock(page, operation, { status: 404, problem: "The snapshot has no such item." });
    await page.reload();
    await page.getByRole("button", { name: "Details of Minutes.docx" }).click();
    await expect(panel.getByRole("alert")).toContainText("The snapshot has no such item.");
    await check(page, "item-details-error");
    await mock(page, operation, { json: bare() });
    await panel.getByRole("button", { name: "Try again" }).click();
    await expect(panel.getByText("All Files / Board")).toBeVisible();
  });

  test("of what a search finds come from the archive", async ({ page }) => {
    const { address, file, folder } = await real();
    await page.goto(`${address}?via=search&q=${encodeURIComponent(file.name)}`);
    await page
      .getByRole("button", { name: `Details of ${file.name}`, exact: true })
      .first()
      .click();
    const panel = page.getByRole("dialog", { name: file.name });
    await expect(panel).toContainText(`All Files / ${folder.name}`);
    await expect(panel).toContainText(file.sha1 ?? "none");
  });
});
