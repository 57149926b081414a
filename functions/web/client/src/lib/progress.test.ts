import { expect, test } from "vitest";
import { estimate, remaining, share } from "./progress";

const started = "2026-11-23T12:00:00Z";
const after = (seconds: number) => new Date(Date.parse(started) + seconds * 1000).toISOString();

test("the share is unknown without a total and never above 1", () => {
  expect(share({ done: 3, total: 0 })).toBeUndefined();
  expect(share({ done: 3, total: 4 })).toBe(0.75);
  expect(share({ done: 5, total: 4 })).toBe(1);
});

test("what remains follows from the pace", () => {
  expect(remaining({ done: 100, total: 400, started, updated: after(10) })).toBe(30);
  expect(remaining({ done: 400, total: 400, started, updated: after(10) })).toBe(0);
});

test.each([
  ["no start", { done: 100, total: 400, updated: after(10) }],
  ["too early", { done: 100, total: 400, started, updated: after(1) }],
  ["too little", { done: 2, total: 400, started, updated: after(60) }],
  ["no total", { done: 100, total: 0, started, updated: after(60) }],
])("nothing is promised: %s", (_, work) => {
  expect(remaining(work)).toBeUndefined();
  expect(estimate(work, new Date(after(60)))).toBe("Estimating the end…");
});

test("time that has passed since the last news counts", () => {
  const work = { done: 100, total: 400, started, updated: after(10) };
  expect(estimate(work, new Date(after(10)))).toBe("About 30 s left");
  expect(estimate(work, new Date(after(25)))).toBe("About 15 s left");
  expect(estimate(work, new Date(after(99)))).toBe("Almost done");
});
