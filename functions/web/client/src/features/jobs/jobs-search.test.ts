import { expect, test } from "vitest";
import { jobsSearch, readStatuses, writeStatuses } from "./jobs-search";

test("an address keeps what makes sense and drops the rest", () => {
  const search = jobsSearch({
    status: "Failed,Nonsense,Partially succeeded",
    kind: "backup",
    service: "box",
    order: "asc",
    user: "7",
    cursor: "c",
    page: "3",
  });
  expect(search).toEqual({
    status: "Partially succeeded,Failed",
    service: "box",
    order: "asc",
    cursor: "c",
    page: 3,
  });
});

test("a Box user is one of a task", () => {
  expect(jobsSearch({ task: "t", user: "7" })).toMatchObject({ task: "t", user: "7" });
});

test("the same statuses are written the same", () => {
  expect(writeStatuses(["Pending", "In progress"])).toBe(writeStatuses(["In progress", "Pending"]));
  expect(readStatuses(writeStatuses(["Pending", "In progress"]))).toEqual(["In progress", "Pending"]);
  expect(writeStatuses([])).toBeUndefined();
});
