import { expect, test } from "vitest";
import {
  change,
  choices,
  includedBy,
  inWords,
  isEmpty,
  key,
  nothing,
  of,
  type Picked,
  remove,
  standing,
  whole,
} from "./selection";

const board = { id: "1", name: "Board" };
const minutes = { id: "2", name: "Minutes" };

const folder = (f: { id: string; name: string }, ...within: (typeof board)[]): Picked => ({
  kind: "folder",
  ...f,
  within,
});
const file = (id: string, ...within: (typeof board)[]): Picked => ({
  kind: "file",
  id,
  name: `${id}.txt`,
  within,
});
const keys = (...items: Picked[]) => new Set(items.map(key));

const inBoard = [folder(minutes, board), file("10", board), file("11", board)];

test("what is selected in one folder stays selected in the next", () => {
  const [, ten, eleven] = inBoard as [Picked, Picked, Picked];
  const first = change(nothing, "s", inBoard, keys(ten));
  const other = [file("20"), folder(board)];
  const both = change(first, "s", other, new Set([...first.items.keys(), key(file("20"))]));
  expect([...both.items.keys()]).toEqual(["file 10", "file 20"]);
  expect([...change(both, "s", inBoard, keys(eleven)).items.keys()]).toEqual(["file 20", "file 11"]);
});

test("a folder and a file of the same id are two items", () => {
  const items = [folder({ id: "7", name: "Seven" }), file("7")];
  expect(choices(change(nothing, "s", items, keys(...items)))).toEqual({
    items: [
      { kind: "folder", id: "7" },
      { kind: "file", id: "7" },
    ],
  });
});

test("a selected folder includes all below it, and swallows what was selected there", () => {
  const deep = file("12", board, minutes);
  const before = change(change(nothing, "s", inBoard, keys(file("10"))), "s", [deep], keys(deep));
  expect(standing(before, folder(board))).toBe("partly");
  expect(standing(before, folder(minutes, board))).toBe("partly");
  const after = change(before, "s", [folder(board)], keys(folder(board)));
  expect([...after.items.keys()]).toEqual(["folder 1"]);
  expect(standing(after, folder(board))).toBeUndefined(); // simply selected
  expect(standing(after, deep)).toBe("included");
  expect(includedBy(after, deep.within)).toEqual(board);
});

test("what is included cannot be selected once more", () => {
  const after = change(nothing, "s", [folder(board)], keys(folder(board)));
  expect(change(after, "s", inBoard, keys(...inBoard)).items.size).toBe(1);
});

test("a folder that is selected with something in it, in search results, is selected alone", () => {
  const found = [file("10", board), folder(board)];
  expect([...change(nothing, "s", found, keys(...found)).items.keys()]).toEqual(["folder 1"]);
});

test("a file whose id is that of a selected folder is not in it", () => {
  const selected = change(nothing, "s", [file("1")], keys(file("1")));
  expect(standing(selected, file("10", board))).toBeUndefined();
});

test("the whole snapshot includes everything; selecting an item instead ends that", () => {
  const all = whole("s");
  expect(standing(all, file("10"))).toBe("included");
  expect(choices(all)).toEqual({ all: true });
  expect(inWords(all)).toBe("The whole snapshot is selected");
  expect(inWords(all, "May 5")).toBe("The whole snapshot of May 5 is selected");
  expect(isEmpty(all)).toBe(false);
  expect(isEmpty(nothing)).toBe(true);
});

test("a selection is of one snapshot", () => {
  const selected = change(nothing, "s", [file("10")], keys(file("10")));
  expect(of(selected, "other")).toBe(nothing);
  expect(of(selected, "s")).toBe(selected);
  const other = change(selected, "other", [file("11")], keys(file("11")));
  expect([...other.items.keys()]).toEqual(["file 11"]);
});

test("what is selected can be removed, and is described as it was ticked", () => {
  const items = [folder(board), file("20"), file("21")];
  const selected = change(nothing, "s", items, keys(...items));
  expect(inWords(selected)).toBe("1 folder, 2 files selected");
  expect(inWords(remove(selected, "file 20"))).toBe("1 folder, 1 file selected");
  expect(inWords(selected, "May 5")).toBe("1 folder, 2 files selected in the snapshot of May 5");
  expect(inWords(nothing)).toBe("Nothing selected");
});
