import { expect, test } from "vitest";
import {
  alsoOf,
  handled,
  type Job,
  placeOf,
  progressOf,
  secondsOf,
  storyOf,
  summaryOf,
  titleOf,
} from "./words";

const job: Job = {
  id: "j",
  kind: "restore",
  task: "t",
  taskName: "Northwind Optics",
  user: "7",
  userName: "Ada Lovegrove",
  userLogin: "ada@northwind.example",
  snapshot: "s",
  taken: "2026-11-22T18:00:00Z",
  whole: false,
  mode: "non_destructive",
  initiator: "admin@northwind.example",
  status: "Succeeded",
  created: "2026-11-23T05:00:00Z",
  started: "2026-11-23T05:00:05Z",
  ended: "2026-11-23T05:01:05Z",
  total: 12,
  totalBytes: 3_400_000,
  done: 12,
  skipped: 0,
  failed: 0,
  bytes: 3_400_000,
};

test("a job is named after its label, or whom it is for", () => {
  expect(titleOf({ ...job, label: "Q3" })).toBe("Restore: Q3");
  expect(titleOf(job)).toBe("Restore for Ada Lovegrove");
});

test.each<[string, Partial<Job>]>([
  ["All 12 items were restored (3.4 MB).", {}],
  ["1 of 1 item was restored (1 kB).", { total: 1, done: 1, bytes: 1000 }],
  [
    "8 of 12 items were restored (3.4 MB); 1 left as it was, 3 not restored.",
    { status: "Partially succeeded", done: 8, skipped: 1, failed: 3 },
  ],
  ["5 of 12 items are restored so far (1.2 MB).", { status: "In progress", done: 5, bytes: 1_200_000 }],
  ["It has not started yet.", { status: "Pending", total: 0 }],
  ["The items are being counted.", { status: "In progress", total: 0 }],
  ["Nothing was restored.", { status: "Failed", total: 0 }],
])("the summary says %s", (words, change) => {
  expect(summaryOf({ ...job, ...change })).toBe(words);
});

test("the progress tells items, bytes and failures", () => {
  const running: Job = { ...job, status: "In progress", done: 5, skipped: 1, failed: 2, bytes: 1_200_000 };
  expect(progressOf(running)).toBe("8 of 12 items, 1.2 MB of 3.4 MB, 2 failed");
  expect(handled(running)).toBe(8);
  expect(progressOf({ ...running, total: 0 })).toBe("Counting the items");
  expect(progressOf({ ...running, status: "Pending" })).toBe("Waiting to start");
});

test("the destination names its folder and Box user", () => {
  const destination = {
    user: "8",
    userName: "Bruno Almeida",
    userLogin: "b@n.example",
    folder: "99",
    folderName: "Inbox",
  };
  expect(placeOf(job)).toBe("New folder in All Files of Ada Lovegrove");
  expect(placeOf({ ...job, destination })).toBe("New folder in “Inbox” of Bruno Almeida");
  expect(placeOf({ ...job, destination: { ...destination, folder: "0" } })).toBe(
    "New folder in All Files of Bruno Almeida",
  );
  expect(placeOf({ ...job, mode: "replace" })).toBe("Where the items were");
});

test("the story follows the job's status, scope and mode", () => {
  const asOf =
    /^Chosen items of Ada Lovegrove, as of .*2026.*, were restored into a new folder with the Box id 9 in /;
  expect(storyOf({ ...job, target: "9" })).toMatch(asOf);
  expect(storyOf({ ...job, whole: true, mode: "bypass", status: "In progress" })).toMatch(
    /^Everything Ada Lovegrove had, as of .*, is being restored to where it was\. What exists at Box is left alone\.$/,
  );
});

test("a job that has not ended has been taking until now", () => {
  const now = new Date("2026-11-23T05:00:35Z");
  expect(secondsOf(job, now)).toBe(60);
  expect(secondsOf({ ...job, ended: undefined }, now)).toBe(30);
  expect(secondsOf({ ...job, started: undefined }, now)).toBeUndefined();
});

test("what a job brings back besides items is named", () => {
  expect(alsoOf(job)).toBe("Nothing else");
  expect(alsoOf({ ...job, include: ["versions", "comments", "metadata"] })).toBe(
    "Previous versions, comments, and metadata",
  );
});
