import { expect, test } from "vitest";
import { extent, faults, folderName, labelLength, newJob, type Order, shortfalls, usual } from "./restore";
import { change, key, nothing, type Picked, whole } from "./selection";

const place = { task: "t", user: "u", snapshot: "s" };
const ada = { id: "u", name: "Ada", login: "ada@northwind.example" };
const bruno = { id: "b", name: "Bruno", login: "bruno@northwind.example" };
const order: Order = {
  label: "",
  mode: "non_destructive",
  include: usual,
  agreed: false,
  to: ada,
  folders: [],
};
const file: Picked = { kind: "file", id: "1", name: "a.txt", within: [] };
const selection = change(nothing, "s", [file], new Set([key(file)]));

test("a restore to where it came from names no destination", () => {
  expect(newJob(place, selection, order)).toEqual({
    ...place,
    mode: "non_destructive",
    include: ["comments", "metadata"],
    label: undefined,
    items: [{ kind: "file", id: "1" }],
  });
  expect(newJob(place, whole("s"), { ...order, label: "  June  " })).toEqual({
    ...place,
    mode: "non_destructive",
    include: ["comments", "metadata"],
    label: "June",
    all: true,
  });
});

test("a new folder can be made in another folder and at another Box user", () => {
  const folders = [
    { id: "7", name: "Board" },
    { id: "8", name: "Minutes" },
  ];
  expect(newJob(place, selection, { ...order, folders }).destination).toEqual({
    user: undefined,
    folder: "8",
  });
  expect(newJob(place, selection, { ...order, to: bruno }).destination).toEqual({
    user: "b",
    folder: undefined,
  });
  expect(newJob(place, selection, { ...order, to: bruno, folders }).destination).toEqual({
    user: "b",
    folder: "8",
  });
});

test("a restore in place goes nowhere else, whatever was chosen before", () => {
  expect(newJob(place, selection, { ...order, mode: "bypass", to: bruno }).destination).toBeUndefined();
});

test("what is chosen besides items is brought back, and nothing where nothing is", () => {
  expect(newJob(place, selection, { ...order, include: ["sharing"] }).include).toEqual(["sharing"]);
  expect(newJob(place, selection, { ...order, include: [] }).include).toEqual([]);
});

test("what is missing of an order is said where it is missing", () => {
  expect(faults(order)).toEqual({});
  expect(faults({ ...order, mode: "replace" }).agreed).toBeDefined();
  expect(faults({ ...order, mode: "replace", agreed: true })).toEqual({});
  expect(faults({ ...order, to: undefined }).to).toBeDefined();
  expect(faults({ ...order, to: undefined, mode: "bypass" })).toEqual({});
});

test("a label's characters are counted as a person does, without the blanks around it", () => {
  const label = ` ${"🗂".repeat(50)} `;
  expect(labelLength(label)).toBe(50);
  expect(faults({ ...order, label }).label).toBeUndefined();
  expect(faults({ ...order, label: `${label}x` }).label).toBeDefined();
});

test("the new folder is called as the restorer calls it", () => {
  expect(folderName(new Date("2026-11-23T04:02:59Z"))).toBe("Restored by Coffer 2026-11-23 04.02.59 UTC");
});

test("numbers are said plainly", () => {
  const count = { folders: 1, files: 1200, webLinks: 0, bytes: 3_400_000, absent: 0, references: 0 };
  expect(extent(count)).toBe("1 folder, 1,200 files (3.4 MB)");
  expect(shortfalls(count)).toEqual([]);
  expect(extent({ ...count, folders: 0, files: 0, bytes: 0 })).toBe("No items");
  const [absent, references] = shortfalls({ ...count, absent: 1, references: 2 });
  expect(absent).toMatch(/^1 file .* its content/);
  expect(references).toMatch(/^2 items belong/);
});
