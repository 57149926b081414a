import { expect, test } from "vitest";
import { byPurpose, load } from "./calls";

test("calls are added up by what they are for, most first", () => {
  const byKind = {
    "event.admin": 1,
    "event.changes": 29,
    "folder.items": 134,
    "trash.items": 6,
    "zip.create": 12,
    "file.download": 3,
    "file.upload": 13,
    "folder.create": 4,
    "folder.collaborations": 1,
    "template.list": 12,
    "user.list": 1,
    "metadata.update": 2,
    "check.upload": 2,
    "user.me": 70,
    "something.new": 1,
  };
  expect(byPurpose({ byKind })).toEqual([
    ["Listing folders", 140],
    ["Checking the connection", 72],
    ["Finding changes", 30],
    ["Restoring", 19],
    ["Downloading", 15],
    ["Details of items", 13],
    ["Listing Box users and groups", 1],
    ["Other", 1],
  ]);
  expect(byPurpose({ byKind: {} })).toEqual([]);
});

test("the load is a share of the ceiling, and never beyond it", () => {
  const calls = { month: "2026-11", byKind: {}, used: 20, forecast: 50, ceiling: 100 };
  expect(load(calls)).toEqual({ used: 0.2, forecast: 0.5 });
  expect(load({ ...calls, used: 60 })).toEqual({ used: 0.6, forecast: 0.6 });
  expect(load({ ...calls, used: 110, forecast: 300 })).toEqual({ used: 1, forecast: 1 });
  expect(load({ ...calls, ceiling: 0 })).toBeUndefined();
});
