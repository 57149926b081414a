import { expect, test } from "vitest";
import type { BoxUser } from "@/lib/box-users.api";
import { held, tagging } from "./tagging";

const tag = (id: string, users: number) => ({ id, name: id, builtIn: false, users });
const user = (...tags: string[]) => ({ tags }) as BoxUser;

const [sales, managers, none] = [tag("sales", 2), tag("managers", 1), tag("none", 0)];
const two = { users: [user("sales", "managers"), user("sales")], complete: true };

test("a tag is had by all who are selected, by some or by none", () => {
  expect([sales, managers, none].map((t) => held(t, two))).toEqual(["all", "some", "none"]);
  expect(held(sales, { users: [user()], complete: true })).toBe("none");
});

test("of Box users on other pages it is not known, unless nobody has the tag", () => {
  const more = { ...two, complete: false };
  expect([sales, managers, none].map((t) => held(t, more))).toEqual(["some", "some", "none"]);
});

test("only what changes something is asked for", () => {
  const all = [sales, managers, none];
  expect(tagging(all, two, {})).toEqual({ add: [], remove: [] });
  expect(tagging(all, two, { sales: true, managers: true, none: false })).toEqual({
    add: ["managers"],
    remove: [],
  });
  expect(tagging(all, two, { sales: false, none: true })).toEqual({ add: ["none"], remove: ["sales"] });
});
