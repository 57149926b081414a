import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test as base, expect, type Page } from "@playwright/test";
import axe from "axe-core";
import { product } from "./admin";

export { expect };

/** nobody is the storage state of a browser that nobody has signed in with. */
export const nobody = { cookies: [], origins: [] };

type Guard = { errors: string[] };

/**
 * test gives a page on which the demo administrator is signed in. Whatever the page throws, or its content security
 * policy refuses, fails the test.
 */
export const test = base.extend<{ guard: Guard }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from the pattern.
  baseURL: async ({}, use) => use(product()),
  guard: [
    async ({ page }, use) => {
      const errors: string[] = [];
      page.on("pageerror", (err) => errors.push(err.message));
      page.on("console", (message) => {
        if (/Content.Security.Policy/i.test(message.text())) errors.push(message.text());
      });
      await use({ errors });
      expect(errors, "errors on the page").toEqual([]);
    },
    { auto: true },
  ],
});

/** pending is the answer that does not come: what a page shows meanwhile is its loading state. */
export const pending = "pending";

type Reply = { json: unknown } | { status: number; problem: string } | typeof pending;

/** mock answers an operation such as "GET /api/tasks" or "GET /api/tasks/*" in the server's place. */
export async function mock(page: Page, operation: string, reply: Reply) {
  const [method, path = ""] = operation.split(" ");
  const pattern = new RegExp(`^${path.replace(/[.?+^$()[\]{}|]/g, "\\$&").replaceAll("*", "[^/]+")}$`);
  await page.route(
    (url) => pattern.test(url.pathname),
    async (route) => {
      if (route.request().method() !== method) return route.fallback();
      if (reply === pending) return; // until the page is closed
      if ("json" in reply) return route.fulfill({ json: reply.json });
      const { status, problem: detail } = reply;
      const body = JSON.stringify({ status, title: "Problem", detail });
      return route.fulfill({ status, contentType: "application/problem+json", body });
    },
  );
}

/**
 * follow opens a section of the main navigation, and waits for its page: until its code is there, the page that is
 * being left is still shown, and may hold what a test looks for on the next one, more than once.
 */
export async function follow(page: Page, section: string, heading = section) {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: section }).click();
  await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
}

const screenshots = join(import.meta.dirname, "../screenshots");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const colors = ["color-contrast", "link-in-text-block"];
const phone = { width: 390, height: 844 };

/**
 * check looks at the page as it is: axe finds nothing in light and dark, and nothing is wider than a phone. With
 * SCREENSHOTS set, photographs of all three are written for a person to look at.
 */
export async function check(page: Page, name: string) {
  const size = page.viewportSize() ?? phone;
  await show(page, "light");
  expect(await violations(page, { type: "tag", values: rules }), `${name}, light`).toEqual([]);
  await photograph(page, `${name}-light`);
  await show(page, "dark"); // which changes the colours alone
  expect(await violations(page, { type: "rule", values: colors }), `${name}, dark`).toEqual([]);
  await photograph(page, `${name}-dark`);
  await show(page, "light");
  await page.setViewportSize(phone);
  await expect
    .poll(() => page.evaluate(() => document.documentElement.scrollWidth), `${name}: width on a phone`)
    .toBeLessThanOrEqual(phone.width);
  await photograph(page, `${name}-phone`);
  await page.setViewportSize(size);
}

/** show has the page in light or dark, and waits for the colours that fade from one to the other. */
async function show(page: Page, colorScheme: "light" | "dark") {
  await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", colorScheme);
  await page.evaluate(async () => {
    const fading = document.getAnimations().filter((a) => a instanceof CSSTransition);
    await Promise.allSettled(fading.map((a) => a.finished));
  });
}

async function photograph(page: Page, name: string) {
  if (!process.env.SCREENSHOTS) return;
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}

/** violations runs axe, past the page's policy, and says what breaks which rule where. */
async function violations(page: Page, runOnly: axe.RunOnly): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  return page.evaluate(async (runOnly) => {
    const { axe: loaded } = globalThis as unknown as { axe: typeof axe };
    const options = { runOnly, resultTypes: ["violations" as const], preload: false };
    const { violations } = await loaded.run(document, options);
    return violations.flatMap((v) =>
      v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 200)} ${n.failureSummary ?? ""}`),
    );
  }, runOnly);
}
