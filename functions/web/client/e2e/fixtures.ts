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
const phone = { width: 390, height: 844 };

/**
 * check looks at the page as it is: axe finds nothing in light and dark, nothing is wider than a phone, and
 * screenshots of all three are written for a person to look at.
 */
export async function check(page: Page, name: string) {
  mkdirSync(screenshots, { recursive: true });
  const size = page.viewportSize() ?? phone;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", colorScheme);
    expect(await violations(page), `${name}, ${colorScheme}`).toEqual([]);
    await page.screenshot({ path: join(screenshots, `${name}-${colorScheme}.png`), fullPage: true });
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.setViewportSize(phone);
  await expect
    .poll(() => page.evaluate(() => document.documentElement.scrollWidth), `${name}: width on a phone`)
    .toBeLessThanOrEqual(phone.width);
  await page.screenshot({ path: join(screenshots, `${name}-phone.png`), fullPage: true });
  await page.setViewportSize(size);
}

/** violations runs axe, past the page's policy, and says what breaks which rule where. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async (values) => {
    const { axe: loaded } = globalThis as unknown as { axe: typeof axe };
    const { violations } = await loaded.run(document, { runOnly: { type: "tag", values } });
    return violations.flatMap((v) =>
      v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 200)} ${n.failureSummary ?? ""}`),
    );
  }, rules);
}
