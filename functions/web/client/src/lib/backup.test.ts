import { expect, test } from "vitest";
import { backupDetail, backupWork, brief, methodInWords } from "./backup";

const progress = {
  items: 66,
  files: 34,
  wanted: 86,
  bytes: 3_400_000,
  calls: 1,
  started: "2026-11-23T12:00:00Z",
  updated: "2026-11-23T12:00:10Z",
};

test("the work is what is stored and what is still to be", () => {
  expect(backupWork(progress)).toMatchObject({ done: 34, total: 120 });
});

test("a backup tells what it has done", () => {
  expect(backupDetail(progress)).toBe("66 items, 34 of 120 files, 3.4 MB, 1 Box call");
  expect(backupDetail({ ...progress, phase: "Downloading" })).toMatch(/^Downloading: 66 items/);
});

test("while folders are listed no files are promised", () => {
  const listing = { ...progress, phase: "Listing", files: 0, wanted: 0, bytes: 0, items: 1 };
  expect(backupDetail(listing)).toBe("Listing folders: 1 item, 1 Box call");
  expect(backupWork(listing).total).toBe(0);
});

test("a method that this page does not know is shown as it is", () => {
  expect(methodInWords("crawl")).toBe("All folders listed");
  expect(methodInWords("enterprise_stream")).toBe("Enterprise's changes");
  expect(methodInWords("telepathy")).toBe("telepathy");
});

test.each([
  ["This is the first backup, so every folder was listed.", "This is the first backup."],
  ["Box refuses the events. Give the scope, so that it does not.", "Box refuses the events."],
  ["Box has no more events of the enterprise.", "Box has no more events of the enterprise."],
])("of %o the cause is told in short", (why, want) => {
  expect(brief(why)).toBe(want);
});
