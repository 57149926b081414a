import { expect, test } from "vitest";
import type { BoxUser } from "./box-users.api";
import { waitingFor } from "./waiting";

const user = (some: Partial<BoxUser>) => ({ requested: true, status: "Scheduled", ...some }) as BoxUser;

test("a backup that is requested and stopped says why", () => {
  expect(waitingFor(user({ reason: "The ceiling is reached." }))).toBe("The ceiling is reached.");
  expect(waitingFor(user({}))).toBeUndefined();
});

test("why an earlier backup failed is not why the next one does not start", () => {
  expect(waitingFor(user({ status: "Failed", reason: "Box refused." }))).toBeUndefined();
  expect(waitingFor(user({ requested: false, reason: "Box refused." }))).toBeUndefined();
});
