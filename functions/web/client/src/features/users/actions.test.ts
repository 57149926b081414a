import { expect, test } from "vitest";
import { said } from "./actions";

test("an action tells of those whom it changed, and of those whom it did not", () => {
  expect(said("activate", { done: 12, changed: 12 }, undefined)).toBe("12 Box users activated.");
  expect(said("activate", { done: 12, changed: 1 }, undefined)).toBe(
    "1 Box user activated. 11 Box users were active already.",
  );
  expect(said("activate", { done: 1 }, "Ada")).toBe("Ada was active already.");
  expect(said("pause", { done: 2 }, undefined)).toBe("2 Box users were paused already.");
  expect(said("backup", { done: 2, changed: 2 }, undefined)).toMatch(/^Backup of 2 Box users requested/);
  expect(said("undelete", { done: 2 }, undefined)).toBe("The backups of 2 Box users are back.");
  expect(said("activate", { done: 0 }, undefined)).toBe("");
});
