import { execFileSync } from "node:child_process";
import { defineConfig } from "@playwright/test";
import { adminStateFile } from "./e2e/admin";

/**
 * The browser is Debian's: Playwright's own would have to be downloaded from elsewhere. The one without a window is
 * twice as fast.
 */
const find = "command -v chromium-headless-shell || command -v chromium";
const chromium = execFileSync("bash", ["-c", find], { encoding: "utf8" }).trim();

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  globalSetup: "./e2e/product.ts",
  fullyParallel: true,
  workers: 2,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  use: {
    storageState: adminStateFile,
    viewport: { width: 1280, height: 800 },
    locale: "en-US",
    timezoneId: "Europe/Berlin",
    contextOptions: { reducedMotion: "reduce" },
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    trace: process.env.TRACE ? "retain-on-failure" : "off", // which would take as long as the tests themselves
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: chromium,
      args: ["--disable-background-networking"],
      chromiumSandbox: false,
    },
  },
});
