import { expect, test } from "vitest";
import { beyond } from "./form";
import { parseProblem } from "./problem";

test("only what is about none of the fields is shown beside the button", () => {
  const taken = parseProblem(400, { detail: "Taken.", errors: [{ location: "name", message: "Taken." }] });
  expect(beyond(taken, ["name", "email"])).toBeNull();
  expect(beyond(taken, ["email"])).toBe(taken);
  const busy = parseProblem(429, { detail: "Too many attempts." });
  expect(beyond(busy, ["name"])).toBe(busy);
  expect(beyond(null, ["name"])).toBeNull();
});
