import { expect, test } from "vitest";
import type { BoxUser } from "@/lib/box-users.api";
import { type Chosen, choiceOf, howMany, nobody, pickedOf, ticked } from "./selection";

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
  expect(choiceOf(all, { status: "Not Active", tag: "t", q: "ada" })).toEqual({
    all: true,
    status: "Not Active",
    tag: "t",
    q: "ada",
  });
});

test("who is selected is known as far as they are shown", () => {
  const shown = ["1", "2"].map((id) => ({ id }) as BoxUser);
  expect(pickedOf(two, shown, 9)).toEqual({ users: [{ id: "1" }], complete: false });
  expect(pickedOf(two, [...shown, { id: "7" } as BoxUser], 9).complete).toBe(true);
  expect(pickedOf(all, shown, 9)).toEqual({ users: shown, complete: false });
  expect(pickedOf(all, shown, 2).complete).toBe(true);
});
