import type { Page } from "@playwright/test";
import { demo } from "./admin";
import { check, expect, mock, nobody, pending, test } from "./fixtures";
import { enterBrowser, newcomer } from "./newcomer";
import { aTask, type Schema } from "./sample";

test.describe("a task's settings", () => {
  const opened = async (page: Page, task = aTask(), search = "") => {
    await mock(page, "GET /api/tasks/task1", { json: task });
    await page.goto(`/tasks/task1/settings${search}`);
  };

  test("are loading", async ({ page }) => {
    await mock(page, "GET /api/tasks/task1", pending);
    await page.goto("/tasks/task1/settings");
    await expect(page.getByRole("status", { name: "Loading the backup task" })).toBeVisible();
    await check(page, "task-settings-loading");
  });

  test("of a task that is not there are said not to exist", async ({ page }) => {
    await page.goto("/tasks/nonesuch/settings");
    await expect(page.getByRole("alert")).toContainText("This does not exist");
    await check(page, "task-settings-missing");
  });

  test("save what is changed and nothing else", async ({ page }) => {
    await opened(page);
    await expect(page).toHaveTitle("Settings of Northwind Optics · Coffer");
    await expect(page.getByRole("radio", { name: /^Unlimited/ })).toBeChecked();
    await expect(page.getByText("EU (Germany), eu-central-1")).toBeVisible();
    await expect(page.getByText("can change the amount of your bill")).toBeVisible();
    const save = page.getByRole("button", { name: "Save" });
    await expect(save).toBeDisabled();
    await check(page, "task-settings");
    const frequency = page.getByRole("combobox", { name: "Backup Frequency" });
    await frequency.click();
    await expect(page.getByRole("option")).toHaveText(["Daily", "Every 3 days", "Weekly", "3 times a day"]);
    await page.getByRole("option", { name: "3 times a day" }).click();
    await page.getByRole("combobox", { name: "Backup Hour (UTC)" }).click();
    await expect(page.getByRole("option")).toHaveCount(24);
    await page.getByRole("option", { name: "20:00 UTC" }).click();
    await expect(page.getByText("Backups begin at 04:00, 12:00 and 20:00 UTC")).toBeVisible();
    await check(page, "task-settings-changed");

    const changed = aTask({ frequency: "three_times_daily", hour: 20 });
    await mock(page, "GET /api/tasks/task1", { json: changed });
    await mock(page, "PATCH /api/tasks/task1", { json: changed });
    const sent = page.waitForRequest((r) => r.method() === "PATCH");
    await save.click();
    expect((await sent).postDataJSON()).toEqual({ frequency: "three_times_daily", hour: 20 });
    await expect(page.getByText("The settings are saved.")).toBeVisible();
    await expect(save).toBeDisabled();
  });

  test("offer to keep backups for as long as before", async ({ page }) => {
    const shortened = { retention: null, archiveDays: 90, until: "2026-11-30T08:00:00Z" };
    await opened(page, aTask({ policy: { ...aTask().policy, archiveDays: 5, shortened } }));
    const note = page.getByRole("note").filter({ hasText: "Backups will be kept for a shorter time" });
    await expect(note).toContainText(/Until Nov 30, 2026.* everything is kept as before/);
    const sent = page.waitForRequest((request) => request.method() === "PATCH");
    await note.getByRole("button", { name: "Keep as before" }).click();
    expect((await sent).postDataJSON()).toEqual({ policy: { retention: null, archiveDays: 90 } });
  });

  test("say what a shorter retention deletes, and which number cannot be", async ({ page }) => {
    await opened(page, aTask({ created: "2015-01-05T09:00:00Z" }));
    await page.getByRole("radio", { name: "Delete older snapshots" }).click();
    const number = page.getByRole("textbox", { name: "Older than" });
    await number.fill("60");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(number).toHaveAccessibleDescription("A whole number from 1 to 50.");
    await expect(number).toBeFocused();
    await number.fill("7");
    await expect(page.getByRole("alert")).toContainText(/Snapshots taken before .* deleted for good/);
    await page.getByRole("radio", { name: "Delete after some days" }).click();
    await expect(page.getByText(/who left more than 90 days ago are deleted/)).toBeVisible();
    await page.getByRole("switch", { name: "Index names for search" }).click();
    await expect(page.getByText(/^Without the index/)).toBeVisible();
    await page.getByRole("textbox", { name: "Monthly ceiling of Box calls" }).fill("50000");
    await check(page, "task-settings-policy");

    const message = "The ceiling is below what was used already.";
    await page.route("**/api/tasks/task1", (route) =>
      route.request().method() === "PATCH"
        ? route.fulfill({
            status: 400,
            contentType: "application/problem+json",
            json: { status: 400, detail: message, errors: [{ location: "body.policy.ceiling", message }] },
          })
        : route.fallback(),
    );
    const sent = page.waitForRequest((r) => r.method() === "PATCH");
    await page.getByRole("button", { name: "Save" }).click();
    expect((await sent).postDataJSON()).toEqual({
      policy: { index: false, retention: { number: 7, unit: "years" }, archiveDays: 90, ceiling: 50_000 },
    });
    await expect(page.getByRole("textbox", { name: "Monthly ceiling" })).toHaveAccessibleDescription(
      /below what was used/,
    );
  });

  test("are not lost without a question", async ({ page }) => {
    await opened(page);
    await page.getByRole("switch", { name: "Automatically activate new users" }).click();
    await page.getByRole("link", { name: "Box users" }).click();
    const dialog = page.getByRole("dialog", { name: "Leave without saving?" });
    await expect(dialog).toBeVisible();
    await check(page, "task-settings-leave");
    await dialog.getByRole("button", { name: "Stay on this page" }).click();
    await expect(page.getByRole("switch", { name: /^Automatically/ })).toBeChecked();
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByRole("switch", { name: /^Automatically/ })).not.toBeChecked();
    await page.getByRole("link", { name: "Homepage" }).first().click();
    await expect(page.getByRole("heading", { name: "Homepage" })).toBeVisible();
  });

  test("say why they could not be saved", async ({ page }) => {
    await opened(page);
    await mock(page, "PATCH /api/tasks/task1", { status: 500, problem: "The settings cannot be saved now." });
    await page.getByRole("switch", { name: /^Automatically/ }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("alert")).toContainText("The settings cannot be saved now.");
    await expect(page.getByRole("button", { name: "Save" })).toBeEnabled();
  });

  test("have the pencil that renames the task", async ({ page }) => {
    await opened(page);
    await page.getByRole("button", { name: "Rename the backup task" }).click();
    const name = page.getByRole("textbox", { name: "Backup Name" });
    await expect(name).toHaveValue("Northwind Optics");
    await name.fill(" ");
    await page.getByRole("button", { name: "Rename", exact: true }).click();
    await expect(name).toHaveAccessibleDescription(/Give the backup task a name/);
    await check(page, "task-rename");
    await name.fill("Optics");
    await mock(page, "GET /api/tasks/task1", { json: aTask({ name: "Optics" }) });
    await mock(page, "PATCH /api/tasks/task1", { json: aTask({ name: "Optics" }) });
    await page.getByRole("button", { name: "Rename", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Optics" })).toBeVisible();
  });

  test("connect again a task that is Disconnected", async ({ page }) => {
    const reason = "Box no longer accepts the authorisation of this backup task.";
    await opened(page, aTask({ connection: "Disconnected", reason }));
    await page
      .getByRole("button", { name: /^Disconnected/ })
      .first()
      .click();
    const dialog = page.getByRole("dialog", { name: "Connection of Northwind Optics: Disconnected" });
    await expect(dialog).toContainText(reason);
    await check(page, "task-reconnect");
    await mock(page, "POST /api/tasks/task1/authorize", { status: 503, problem: "Box is out of reach." });
    await dialog.getByRole("button", { name: "Authenticate in Box again" }).click();
    await expect(dialog.getByRole("alert")).toContainText("Box is out of reach.");
    await page.unroute((url) => url.pathname.endsWith("/authorize"));
    await mock(page, "POST /api/tasks/task1/authorize", {
      json: { url: new URL("/support", page.url()).href } satisfies Schema<"Authorization">,
    });
    await dialog.getByRole("button", { name: "Authenticate in Box again" }).click();
    await expect(page).toHaveURL(/\/support$/);
  });

  for (const [outcome, words] of [
    ["denied", "Access was not granted in Box"],
    ["other-enterprise", "That was another Box enterprise"],
    ["not-administrator", "That Box login is not an administrator"],
    ["failed", "The connection did not work"],
  ]) {
    test(`say what to do when connecting ended as ${outcome}`, async ({ page }) => {
      await opened(page, aTask(), `?connect=${outcome}`);
      await expect(page.getByRole("alert")).toContainText(words ?? "");
      await check(page, `task-connect-${outcome}`);
      await page.getByRole("button", { name: "Dismiss" }).click();
      await expect(page).toHaveURL(/\/settings$/);
    });
  }
});

test.describe("the connection of a task", () => {
  const opened = async (page: Page, task = aTask()) => {
    await mock(page, "GET /api/tasks/task1", { json: task });
    await page.goto("/tasks/task1/settings");
  };

  const found: Schema<"Preflight"> = {
    checked: "2026-11-23T12:00:00Z",
    ok: false,
    scopes: [
      { name: "read", ok: true, needed: true },
      {
        name: "as_user",
        ok: false,
        needed: true,
        message: "Allow the app to act as users, then authorise it.",
      },
      { name: "enterprise_events", ok: false, needed: false, message: "Each Box user is asked instead." },
    ],
    users: {
      total: 12,
      reachable: 10,
      notChecked: 1,
      unreachable: [
        {
          id: "9",
          name: "Bruno Almeida",
          login: "bruno@northwind.example",
          reason: "The account is locked.",
        },
      ],
    },
  };

  test("is checked: what is missing, and who is not reached", async ({ page }) => {
    const feedReason = "The app may not read the enterprise's events.";
    await opened(page, aTask({ feed: "user_stream", feedReason }));
    await expect(page.getByText("Each Box user's own changes")).toBeVisible();
    await expect(page.getByText(feedReason)).toBeVisible();
    await mock(page, "POST /api/tasks/task1/preflight", pending);
    await page.getByRole("button", { name: "Check the connection" }).click();
    await expect(page.getByRole("status", { name: "Checking the connection" })).toBeVisible();
    await check(page, "task-check-loading");
    await page.reload();
    await mock(page, "POST /api/tasks/task1/preflight", { json: found });
    await page.getByRole("button", { name: "Check the connection" }).click();
    await expect(page.getByText("10 Box users of 12 can be reached; there was no time")).toBeVisible();
    const scopes = page.getByRole("list", { name: "Permissions" }).getByRole("listitem");
    await expect(scopes.nth(1)).toContainText("Act as each Box user: missing, and needed");
    await expect(page.getByRole("row", { name: /Bruno Almeida/ })).toContainText("The account is locked.");
    await check(page, "task-check");
    await mock(page, "POST /api/tasks/task1/preflight", { status: 503, problem: "Box is out of reach." });
    await page.getByRole("button", { name: "Check again" }).click();
    await expect(page.getByRole("alert")).toContainText("Box is out of reach.");
  });

  test("can be that of the company's own app, filled in from Box's file", async ({ page }) => {
    await opened(page, aTask({ connection: "Disconnected", reason: "Box no longer accepts it." }));
    await expect(page.getByRole("button", { name: "Check the connection" })).toBeDisabled();
    await page.getByRole("button", { name: "Use your own Box app" }).click();
    const dialog = page.getByRole("dialog", { name: "Connect with your own Box app" });
    await dialog.getByRole("button", { name: "Connect" }).click();
    await expect(dialog.getByRole("textbox", { name: "Client ID" })).toBeFocused();
    await expect(dialog.getByRole("textbox", { name: "Enterprise ID" })).toHaveValue("800101");
    await check(page, "task-app");
    const privateKey = "-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n";
    const appAuth = { publicKeyID: "key1", privateKey };
    const settings = { clientID: "client1", clientSecret: "secret1", appAuth };
    const file = (json: object) => ({
      name: "config.json",
      mimeType: "application/json",
      buffer: Buffer.from(JSON.stringify(json)),
    });
    await dialog.locator("input[type=file]").setInputFiles(file({}));
    await expect(dialog.getByRole("alert")).toContainText("This is not the file");
    await dialog
      .locator("input[type=file]")
      .setInputFiles(file({ boxAppSettings: settings, enterpriseID: "800101" }));
    await expect(dialog.getByRole("radio", { name: "JWT with a key pair" })).toBeChecked();
    await expect(dialog.getByRole("textbox", { name: "Private key" })).toHaveValue(/BEGIN PRIVATE KEY/);
    await check(page, "task-app-jwt");
    const connected = aTask();
    await mock(page, "POST /api/tasks/task1/credentials", { json: connected });
    await mock(page, "GET /api/tasks/task1", { json: connected });
    const sent = page.waitForRequest((r) => r.url().endsWith("/credentials"));
    await dialog.getByRole("button", { name: "Connect" }).click();
    expect((await sent).postDataJSON()).toEqual({
      grant: "jwt",
      clientId: "client1",
      clientSecret: "secret1",
      enterpriseId: "800101",
      keyId: "key1",
      privateKey,
    });
    await expect(page.getByText("Connected with your own Box app.")).toBeVisible();
    await expect(page.getByRole("button", { name: "Check the connection" })).toBeEnabled();
  });

  test("says which way it is, and is renewed in the same way", async ({ page }) => {
    const reason = "Box no longer accepts the app's credentials.";
    await opened(page, aTask({ connection: "Disconnected", grant: "jwt", reason }));
    await expect(page.getByText("Your own Box app, with JWT")).toBeVisible();
    await page
      .getByRole("button", { name: /^Disconnected/ })
      .first()
      .click();
    const dialog = page.getByRole("dialog", { name: "Connection of Northwind Optics: Disconnected" });
    await expect(dialog.getByRole("button", { name: /^Authenticate/ })).toHaveCount(0);
    await check(page, "task-renew-app");
    await dialog.getByRole("link", { name: "Renew the app's credentials" }).click();
    const form = page.getByRole("dialog", { name: "Connect with your own Box app" });
    await expect(form.getByRole("radio", { name: "JWT with a key pair" })).toBeChecked();
    await form.getByRole("button", { name: "Cancel" }).click();
    await expect(page).toHaveURL(/\/settings$/);
    await expect(page.getByRole("button", { name: "Authenticate in Box instead" })).toBeVisible();
  });

  test("takes a key with its passphrase, and says at its field when it is not the right one", async ({
    page,
  }) => {
    await opened(page, aTask({ connection: "Disconnected", reason: "Box no longer accepts it." }));
    await page.getByRole("button", { name: "Use your own Box app" }).click();
    const dialog = page.getByRole("dialog", { name: "Connect with your own Box app" });
    const privateKey = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII\n-----END ENCRYPTED PRIVATE KEY-----\n";
    const appAuth = { publicKeyID: "key1", privateKey, passphrase: "open sesame" };
    const boxAppSettings = { clientID: "client1", clientSecret: "secret1", appAuth };
    await dialog.locator("input[type=file]").setInputFiles({
      name: "config.json",
      mimeType: "application/json",
      buffer: Buffer.from(JSON.stringify({ boxAppSettings, enterpriseID: "800101" })),
    });
    const passphrase = dialog.getByRole("textbox", { name: "Passphrase of the private key" });
    await expect(passphrase).toHaveValue("open sesame");
    const message = "The passphrase does not open the private key.";
    await page.route("**/credentials", (route) =>
      route.fulfill({
        status: 400,
        contentType: "application/problem+json",
        body: JSON.stringify({
          status: 400,
          title: "Bad Request",
          detail: message,
          errors: [{ location: "body.passphrase", message }],
        }),
      }),
    );
    const sent = page.waitForRequest((r) => r.url().endsWith("/credentials"));
    await dialog.getByRole("button", { name: "Connect" }).click();
    expect((await sent).postDataJSON()).toMatchObject({ privateKey, passphrase: "open sesame" });
    await expect(passphrase).toHaveAccessibleDescription(message);
    await expect(passphrase).toBeFocused();
    await expect(dialog.getByRole("alert")).toHaveCount(0);
    await check(page, "task-app-passphrase");
  });

  test("of the demo enterprise has all that backups need, and no other app's secret", async ({ page }) => {
    const { task } = await demo();
    await page.goto(`/tasks/${task.id}/settings`);
    await page.getByRole("button", { name: "Check the connection" }).click();
    await expect(page.getByText(/^12 Box users of 12 can be reached/)).toBeVisible({ timeout: 30_000 });
    await expect(page.getByRole("list", { name: "Permissions" }).getByRole("listitem")).toHaveCount(6);
    await page.getByRole("button", { name: "Use your own Box app" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox", { name: "Client ID" }).fill("nobody's");
    await dialog.getByRole("textbox", { name: "Client secret" }).fill("wrong");
    await dialog.getByRole("button", { name: "Connect" }).click();
    await expect(dialog.getByRole("textbox", { name: "Client secret" })).toHaveAccessibleDescription(
      /Box does not know this client ID/,
    );
    await expect(page.getByText("Connected", { exact: true }).first()).toBeVisible();
  });
});

test.describe("the settings of a newcomer's task", () => {
  test.use({ storageState: nobody });

  test("are saved and come back as they are", async ({ page }) => {
    await enterBrowser(page, await newcomer());
    const made = await page.request.post("/api/tasks", {
      data: { name: "Kept", frequency: "daily", hour: 1 },
    });
    const { id }: Schema<"Task"> = await made.json();
    await page.goto(`/tasks/${id}/settings`);
    await page.getByRole("switch", { name: "Include previous versions" }).click();
    await page.getByRole("radio", { name: "Delete older snapshots" }).click();
    await page.getByRole("combobox", { name: "Unit" }).click();
    await page.getByRole("option", { name: "months" }).click();
    await page.getByRole("textbox", { name: "Older than" }).fill("18");
    await page.getByRole("radio", { name: "Delete after some days" }).click();
    await page.getByRole("textbox", { name: "Retain auto-archived backups for" }).fill("30");
    await page.getByRole("textbox", { name: "Monthly ceiling of Box calls" }).fill("40000");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("The settings are saved.")).toBeVisible();
    await expect(page.getByRole("button", { name: "Save" })).toBeDisabled();
    await page.reload();
    await expect(page.getByRole("switch", { name: "Include previous versions" })).toBeChecked();
    await expect(page.getByRole("textbox", { name: "Older than" })).toHaveValue("18");
    await expect(page.getByRole("combobox", { name: "Unit" })).toHaveValue("months");
    await expect(page.getByRole("textbox", { name: "Retain auto-archived" })).toHaveValue("30 days");
    await expect(page.getByRole("textbox", { name: "Monthly ceiling" })).toHaveValue("40,000");
    await page.getByRole("radio", { name: /^Unlimited/ }).click();
    await expect(page.getByRole("alert")).toBeHidden();
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("The settings are saved.")).toBeVisible();
    const { policy }: Schema<"Task"> = await (await page.request.get(`/api/tasks/${id}`)).json();
    expect(policy).toMatchObject({ retention: null, archiveDays: 30, ceiling: 40_000, versions: true });
  });
});
