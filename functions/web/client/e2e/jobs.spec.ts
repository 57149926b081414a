import { call, demo } from "./admin";
import { check, expect, mock, pending, test } from "./fixtures";
import {
  aJob,
  allJobs,
  anItem,
  failed,
  failedItems,
  noJobs,
  partial,
  running,
  someItems,
} from "./jobs-sample";

test.describe("the list of jobs", () => {
  test("shows the restores of the product, and leads to one and to its log", async ({ page }) => {
    await page.goto("/jobs");
    await expect(page.getByText("Restores of the last 7 days.")).toBeVisible();
    await expect(page.getByText(/How the backups go/).getByRole("link", { name: "Homepage" })).toBeVisible();
    const job = page.getByRole("article", { name: "Restore: Sample restore" }).first();
    await expect(job.getByText("Succeeded")).toBeVisible();
    for (const fact of [
      "Service",
      "Box user",
      "Start date",
      "Backup date",
      "Initiator",
      "Destination",
      "Total items",
      "Size",
    ])
      await expect(job.getByText(fact, { exact: true })).toBeVisible();
    await check(page, "jobs");
    await job.getByRole("link", { name: "View log of Restore: Sample restore" }).click();
    await expect(page).toHaveURL(/\/activity\?kind=Restore&task=.+&q=.+%40northwind\.example&from=/);
    await expect(page.getByRole("table", { name: "System Activity" })).toContainText("Restore");
    await page.goBack();
    await job.getByRole("link", { name: "Restore: Sample restore", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Restore: Sample restore" })).toBeVisible();
    await expect(page.getByRole("table", { name: "Items of the job" })).toContainText("Restored");
    await check(page, "job");
  });

  test("shows jobs of all statuses with their facts", async ({ page }) => {
    await mock(page, "GET /api/jobs", { json: allJobs() });
    await page.goto("/jobs");
    const going = page.getByRole("article", { name: "Restore for Ada Lovegrove" }).first();
    await expect(going).toContainText("121 of 312 items, 12 MB of 34.6 MB, 1 failed");
    await expect(going).toContainText(/About .* left/);
    await expect(going.getByRole("progressbar")).toHaveAttribute("aria-valuenow", /^38/);
    await expect(going).toContainText("New folder in “Handover” of Bruno Almeida");
    await expect(page.getByRole("button", { name: /^Cancel / })).toHaveCount(2);
    await expect(page.getByText("The backup task is not connected to Box.")).toBeVisible();
    await check(page, "jobs-all");
  });

  test("is filtered by pressing a count, and shows all when it is released", async ({ page }) => {
    await mock(page, "GET /api/jobs", { json: allJobs() });
    await page.goto("/jobs?cursor=c&page=2");
    const trouble = page.getByRole("button", { name: "2 Partially succeeded or failed" });
    await expect(trouble).toHaveAttribute("aria-pressed", "false");
    const asked = page.waitForRequest(/\/api\/jobs\?/);
    await trouble.click();
    const { searchParams } = new URL((await asked).url());
    expect(searchParams.getAll("status")).toEqual(["Partially succeeded", "Failed"]);
    expect(searchParams.has("cursor")).toBe(false);
    await expect(trouble).toHaveAttribute("aria-pressed", "true");
    await expect(page).toHaveURL(/\/jobs\?status=Partially\+succeeded%2CFailed$/);
    await check(page, "jobs-filtered");
    await trouble.click();
    await expect(page).toHaveURL(/\/jobs$/);
  });

  test("is filtered and ordered by everything that it can be", async ({ page }) => {
    const { task, users } = await demo();
    const ada = users.find((u) => u.name === "Ada Lovegrove");
    await page.goto("/jobs");
    const pick = async (filter: string, option: string) => {
      await page.getByRole("combobox", { name: filter, exact: true }).click();
      await page.getByRole("option", { name: option }).click();
    };
    await page.getByRole("combobox", { name: "Status" }).click();
    await expect(page.getByRole("option")).toHaveText([
      "In progress",
      "Succeeded",
      "Partially succeeded",
      "Failed",
      "Pending",
      "Canceled",
    ]);
    await page.getByRole("option", { name: "Succeeded", exact: true }).click();
    await pick("Initiator", "admin@northwind.example");
    await pick("Activity", "Restores");
    await pick("Service", "Box");
    await pick("Backup task", task.name);
    await page.getByRole("combobox", { name: "Box user", exact: true }).fill("lovegr");
    await page.getByRole("option", { name: /Ada Lovegrove/ }).click();
    await page.getByRole("searchbox", { name: "Search label or Box user" }).fill("sample");
    await page.getByText("Oldest first").click();
    await expect(page).toHaveURL((url) => {
      const got = Object.fromEntries(url.searchParams);
      const initiator = "admin@northwind.example";
      const want = {
        status: "Succeeded",
        initiator,
        kind: "restore",
        service: "box",
        task: task.id,
        user: ada?.id,
        q: "sample",
        order: "asc",
      };
      return JSON.stringify(Object.entries(got).sort()) === JSON.stringify(Object.entries(want).sort());
    });
    await expect(page.getByRole("article").first()).toContainText("Sample restore");
    await page.reload();
    await expect(page.getByRole("combobox", { name: "Box user", exact: true })).toHaveValue("Ada Lovegrove");
    await page.getByRole("button", { name: "Clear filters" }).click();
    await expect(page).toHaveURL(/\/jobs\?order=asc$/);
  });

  test("tells more about a job behind an information button, by keyboard too", async ({ page }) => {
    await mock(page, "GET /api/jobs", { json: allJobs() });
    await page.goto("/jobs");
    const info = page.getByRole("button", { name: "About Restore: Q3 contracts" });
    await info.press("Enter");
    const more = page.getByRole("dialog");
    await expect(more).toContainText("Execution time54 s, from");
    await expect(more).toContainText("Stored data size34.6 MB");
    await expect(more).toContainText("Number of items312");
    await expect(more).toContainText("All 312 items were restored (34.6 MB).");
    await check(page, "jobs-info");
    await page.keyboard.press("Escape");
    await expect(more).toBeHidden();
    await expect(info).toBeFocused();
  });

  test("says when there are no jobs, and when none matches", async ({ page }) => {
    await mock(page, "GET /api/jobs", { json: noJobs() });
    await page.goto("/jobs");
    await expect(page.getByRole("heading", { name: "No jobs in the last 7 days" })).toBeVisible();
    await expect(page.getByRole("link", { name: "Go to Recovery" })).toHaveAttribute("href", "/recovery");
    await check(page, "jobs-empty");
    await page.goto("/jobs?status=Failed");
    await expect(page.getByRole("heading", { name: "No job matches the filters" })).toBeVisible();
    await check(page, "jobs-no-match");
    await page.getByRole("button", { name: "Show all jobs" }).click();
    await expect(page).toHaveURL(/\/jobs$/);
  });

  test("shows that it is loading", async ({ page }) => {
    await mock(page, "GET /api/jobs", pending);
    await page.goto("/jobs");
    await expect(page.getByRole("status", { name: "Loading the jobs" })).toBeVisible();
    await check(page, "jobs-loading");
  });

  test("says why it cannot be loaded, and tries again", async ({ page }) => {
    await mock(page, "GET /api/jobs", { status: 400, problem: "The jobs cannot be listed at the moment." });
    await page.goto("/jobs");
    await expect(page.getByRole("alert")).toContainText("The jobs cannot be listed at the moment.");
    await check(page, "jobs-error");
    await mock(page, "GET /api/jobs", { json: noJobs() });
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByRole("heading", { name: "No jobs in the last 7 days" })).toBeVisible();
  });
});

test.describe("canceling", () => {
  test("asks first, in numbers, and can be left", async ({ page }) => {
    await mock(page, "GET /api/jobs/*", { json: running() });
    await mock(page, "GET /api/jobs/*/items", { json: someItems() });
    await page.goto("/jobs/running");
    await page.getByRole("button", { name: "Cancel Restore for Ada Lovegrove" }).click();
    const dialog = page.getByRole("dialog", { name: "Cancel this job?" });
    await expect(dialog).toContainText(
      "stays at Box: 118 items, 12 MB. The other 191 items will not be restored.",
    );
    await check(page, "job-cancel");
    await dialog.getByRole("button", { name: "Let it go on" }).click();
    await expect(dialog).toBeHidden();
  });

  test("shows why it was refused", async ({ page }) => {
    await mock(page, "GET /api/jobs", { json: allJobs() });
    await mock(page, "POST /api/jobs/*/cancel", { status: 409, problem: "This job has ended already." });
    await page.goto("/jobs");
    await page.getByRole("button", { name: "Cancel Restore for Ada Lovegrove" }).click();
    await page.getByRole("button", { name: "Cancel the job" }).click();
    await expect(page.getByRole("dialog").getByRole("alert")).toHaveText("This job has ended already.");
  });

  test("stops a job, and says so until it has stopped", async ({ page }) => {
    let job = running();
    await page.route("**/api/jobs/running", (route) => route.fulfill({ json: job }));
    await mock(page, "GET /api/jobs/*/items", { json: someItems() });
    await mock(page, "POST /api/jobs/*/cancel", { json: job });
    await page.goto("/jobs/running");
    await page.getByRole("button", { name: "Cancel Restore for Ada Lovegrove" }).click();
    await page.getByRole("button", { name: "Cancel the job" }).click();
    await expect(page.getByRole("button", { name: "Cancelling…" })).toBeDisabled();
    await expect(page.getByText("“Restore for Ada Lovegrove” stops in a moment.")).toBeVisible();
    job = running({ status: "Canceled", ended: new Date().toISOString() });
    await expect(page.getByText("Canceled", { exact: true })).toBeVisible();
    await expect(page.getByRole("button", { name: "Cancelling…" })).toBeHidden();
  });
});

test.describe("a job", () => {
  test("is followed while it is carried out, and tells all of it in the end", async ({ page }) => {
    const { task, users } = await demo();
    const user = users.find((u) => u.name === "Bruno Almeida");
    const job = await call<{ id: string }>("POST", "/api/jobs", {
      task: task.id,
      user: user?.id,
      snapshot: user?.snapshot,
      all: true,
      mode: "non_destructive",
      label: "Followed",
    });
    await page.goto(`/jobs/${job.id}`);
    await expect(page.getByText("Succeeded", { exact: true })).toBeVisible({ timeout: 60_000 });
    await expect(
      page.getByText(
        /^Everything Bruno Almeida had, as of .* was restored into a new folder with the Box id \d+ in All Files of Bruno Almeida\./,
      ),
    ).toBeVisible();
    await expect(
      page.getByText(/^\d+ of \d+ items were restored \(.* kB\); 1 left as it was\.$/),
    ).toBeVisible();
    await expect(page.getByRole("link", { name: "Open the snapshot" })).toHaveAttribute(
      "href",
      `/recovery/${task.id}/${user?.id}/${user?.snapshot}`,
    );
    await page.getByRole("combobox", { name: "Outcome" }).click();
    await page.getByRole("option", { name: "Left as it was" }).click();
    await expect(page).toHaveURL(/\?outcome=kept$/);
    const table = page.getByRole("table", { name: "Items of the job" });
    await expect(table.getByRole("row")).toHaveCount(2);
    await expect(table).toContainText("It belongs to another Box user and is in that user's backup.");
    await page.getByRole("combobox", { name: "Outcome" }).click();
    await page.getByRole("option", { name: "Failed" }).click();
    await expect(page.getByRole("heading", { name: "No item has this outcome" })).toBeVisible();
    await check(page, "job-no-outcome");
    await page.getByRole("button", { name: "Clear filters" }).click();
    await expect(table.getByRole("row")).toHaveCount(51);
    await page.getByRole("button", { name: "Next" }).click();
    await expect(table).toContainText("Restored by Coffer");
  });

  test("shows live progress and each outcome in words", async ({ page }) => {
    await mock(page, "GET /api/jobs/*", { json: running() });
    await mock(page, "GET /api/jobs/*/items", { json: someItems() });
    await page.goto("/jobs/running");
    await expect(
      page.getByRole("progressbar", { name: "Progress of Restore for Ada Lovegrove" }),
    ).toBeVisible();
    const table = page.getByRole("table", { name: "Items of the job" });
    for (const outcome of ["Waiting", "Restored", "Replaced", "Left as it was", "Failed"])
      await expect(table.getByText(outcome, { exact: true }).first()).toBeVisible();
    await check(page, "job-running");
  });

  test("is asked for every 2 seconds until it has ended, and then not any more", async ({ page }) => {
    await page.clock.install();
    let job = running();
    let asked = 0;
    await page.route("**/api/jobs/running", (route) => {
      asked += 1;
      return route.fulfill({ json: job });
    });
    await mock(page, "GET /api/jobs/*/items", { json: someItems() });
    await page.goto("/jobs/running");
    await expect(page.getByText("In progress", { exact: true })).toBeVisible();
    const before = asked;
    await page.clock.runFor(2_000);
    await expect.poll(() => asked).toBeGreaterThan(before);
    job = running({ status: "Succeeded", done: 312, skipped: 0, failed: 0, ended: new Date().toISOString() });
    await page.clock.runFor(2_000);
    await expect(page.getByText("Succeeded", { exact: true })).toBeVisible();
    const end = asked;
    await page.clock.runFor(20_000);
    await page.getByRole("button", { name: "Demo Administrator" }).click(); // a round trip to the page
    expect(asked).toBe(end);
  });

  test("that went wrong in part begins with what failed and why", async ({ page }) => {
    await mock(page, "GET /api/jobs/*", { json: partial() });
    await mock(page, "GET /api/jobs/*/items", { json: failedItems() });
    await page.goto("/jobs/partial");
    const trouble = page.getByRole("alert");
    await expect(trouble).toContainText("7 of 312 items could not be restored.");
    await expect(trouble).toContainText(
      "Box refuses it: permissions, a policy or a lock. File 1.docx, File 2.docx, File 3.docx and 2 more",
    );
    await expect(trouble).toContainText(
      "The file is larger than the Box user may upload. File 6.docx, File 7.docx",
    );
    await expect(
      page.getByText("300 of 312 items were restored (34.6 MB); 5 left as they were, 7 not restored."),
    ).toBeVisible();
    await check(page, "job-partial");
    await trouble.getByRole("button", { name: "Show the failed items" }).click();
    await expect(page).toHaveURL(/\?outcome=failed$/);
  });

  test("that failed begins with why", async ({ page }) => {
    await mock(page, "GET /api/jobs/*", { json: failed() });
    await mock(page, "GET /api/jobs/*/items", { json: { items: [] } });
    await page.goto("/jobs/failed");
    await expect(page.getByRole("alert")).toContainText("The backup task is not connected to Box.");
    await expect(page.getByRole("heading", { name: "No item was worked on" })).toBeVisible();
    await check(page, "job-failed");
  });

  test("pages through its items", async ({ page }) => {
    await mock(page, "GET /api/jobs/*", { json: aJob() });
    await mock(page, "GET /api/jobs/*/items", { json: someItems() });
    await page.goto("/jobs/job1?outcome=created");
    await expect(page.getByText("Page 1")).toBeVisible();
    const asked = page.waitForRequest(/items\?.*cursor=next/);
    await mock(page, "GET /api/jobs/*/items", { json: { items: [anItem(900)] } });
    await page.getByRole("button", { name: "Next" }).click();
    expect(new URL((await asked).url()).searchParams.get("outcome")).toBe("created");
    await expect(page.getByText("File 900.docx")).toBeVisible();
    await expect(page).toHaveURL(/page=2/);
  });

  test("shows that it is loading", async ({ page }) => {
    await mock(page, "GET /api/jobs/*", pending);
    await page.goto("/jobs/job1");
    await expect(page.getByRole("status", { name: "Loading the job" })).toBeVisible();
    await check(page, "job-loading");
  });

  test("that does not exist says so, and items that cannot be loaded too", async ({ page }) => {
    await page.goto("/jobs/nonsense");
    await expect(page.getByRole("alert")).toContainText("This job does not exist.");
    await check(page, "job-missing");
    await mock(page, "GET /api/jobs/*", { json: aJob() });
    await mock(page, "GET /api/jobs/*/items", {
      status: 400,
      problem: "The items cannot be listed at the moment.",
    });
    await page.goto("/jobs/job1");
    await expect(page.getByRole("alert")).toContainText("The items cannot be listed at the moment.");
  });
});
