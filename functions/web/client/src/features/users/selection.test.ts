import { expect, test } from "vitest";
import { type Chosen, choiceOf, howMany, nobody, ticked } from "./selection";

const two: Chosen = { all: false, ids: new Set(["1", "7"]) };
const all: Chosen = { all: true };

test("at first nobody is selected", () => {
  expect(howMany(nobody, 1234)).toBe(0);
});

test("those selected one by one are named to the server, wherever they are", () => {
  expect(howMany(two, 1234)).toBe(2);
  expect([...ticked(two, ["1", "2"])]).toEqual(["1", "7"]);
  expect(choiceOf(two, { status: "Failed", q: "ada" })).toEqual({ ids: ["1", "7"] });
});

test("all who match are meant by the filters, those on other pages too", () => {
  expect(howMany(all, 1234)).toBe(1234);
  expect([...ticked(all, ["1", "2"])]).toEqual(["1", "2"]);
  expect(choiceOf(all, { status: "Not Active", q: "ada" })).toEqual({
    all: true,
    status: "Not Active",
    q: "ada",
  });
});
