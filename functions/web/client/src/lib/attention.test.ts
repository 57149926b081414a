import { expect, test } from "vitest";
import { watch } from "./attention";

test("a page is attended for a minute after each sign of the person", () => {
  const page = new EventTarget();
  let now = 0;
  const attended = watch(page, () => now);
  now = 59_999;
  expect(attended()).toBe(true);
  now = 60_000;
  expect(attended()).toBe(false);
  page.dispatchEvent(new Event("keydown"));
  now = 119_999;
  expect(attended()).toBe(true);
  page.dispatchEvent(new Event("scroll")); // also what a page does by itself
  now = 120_000;
  expect(attended()).toBe(false);
});
