import { expect, test } from "vitest";
import { refuse, rules } from "./password";

const email = "Ada.Lovelace@example.com";

test.each([
  ["", "Choose a password of at least 12 characters."],
  ["elevenchars", "Choose a password of at least 12 characters."],
  ["twelve chars", null],
  ["x".repeat(128), null],
  ["x".repeat(129), "Choose a password of at most 128 characters."],
  ["🔑".repeat(12), null], // characters, not the units that a string counts
  ["e\u0301".repeat(11), "Choose a password of at least 12 characters."], // an accent is no character of its own
  ["ada.lovelace", "Choose a password that is not your e-mail address."],
  [" ADA.LOVELACE@EXAMPLE.COM ", "Choose a password that is not your e-mail address."],
  ["ada.lovelaceexample.com", "Choose a password that is not your e-mail address."],
  ["ada.lovelace and her engine", null],
])("%j is refused with %j", (password, want) => expect(refuse(password, email)).toBe(want));

test("an empty address forbids nothing", () => expect(refuse("correct horse battery", "")).toBeNull());

test("rules are met one by one, and what the server knows stays open", () => {
  const met = (password: string) => rules(password, email).map((r) => r.met);
  expect(met("")).toEqual([false, false, undefined]);
  expect(met("short")).toEqual([false, true, undefined]);
  expect(met("ada.lovelace")).toEqual([true, false, undefined]);
  expect(met("correct horse battery")).toEqual([true, true, undefined]);
});
