import type { Page } from "@playwright/test";
import { call, demo } from "./admin";
import { mock } from "./fixtures";
import { aSnapshot, aTask, aUser, type Schema } from "./sample";

/** anItem returns an item of a snapshot as the API describes it. */
export function anItem(some: Partial<Schema<"Item">> = {}): Schema<"Item"> {
  return {
    kind: "file",
    id: "10",
    parent: "0",
    name: "Minutes.docx",
    size: 4213,
    sha1: "1b0e69e1bb16644ad197b8ed8ff6be3d23bb549e",
    state: "complete",
    created: "2026-01-02T08:00:00Z",
    modified: "2026-02-03T09:30:00Z",
    ownedBy: "ada@northwind.example",
    ...some,
  };
}

/** list returns items as a page of a folder. */
export function list(items: Schema<"Item">[], path: Schema<"Item">[] = []): Schema<"ItemList"> {
  return { items, path, total: items.length };
}

/** ofArchive names the operations on the archive that mocked answers are for. */
export const ofArchive = {
  task: "GET /api/tasks/*",
  users: "GET /api/tasks/*/users",
  user: "GET /api/tasks/*/users/*",
  snapshots: "GET /api/tasks/*/users/*/snapshots",
  snapshot: "GET /api/tasks/*/users/*/snapshots/*",
  failures: "GET /api/tasks/*/users/*/snapshots/*/failures",
  items: "GET /api/tasks/*/users/*/snapshots/*/items",
  count: "POST /api/tasks/*/users/*/snapshots/*/count",
} as const;

type Archive = {
  task?: Partial<Schema<"Task">>;
  user?: Partial<Schema<"BoxUser">>;
  snapshot?: Partial<Schema<"Snapshot">>;
  failures?: Schema<"Failure">[];
};

/** mockArchive answers with a made-up Box user and snapshot. Tests mock the rest before or after it. */
export async function mockArchive(page: Page, { task, user, snapshot, failures = [] }: Archive = {}) {
  const one = aSnapshot({ taken: "2026-11-20T10:00:00Z", ...snapshot });
  await mock(page, ofArchive.task, { json: aTask(task) });
  await mock(page, ofArchive.user, { json: aUser(user) });
  await mock(page, ofArchive.snapshots, { json: { items: [one] } satisfies Schema<"ListSnapshot"> });
  await mock(page, ofArchive.snapshot, { json: one });
  await mock(page, ofArchive.failures, {
    json: { items: failures, total: failures.length } satisfies Schema<"ListFailure">,
  });
}

/** archive is where the mocked archive is. */
export const archive = "/recovery/task1/17";

/** real returns where the archive of a Box user of the demo enterprise is, and some of what is in it. */
export async function real(name = "Ada Lovegrove") {
  const { task, users } = await demo();
  const user = users.find((u) => u.name === name);
  if (!user?.snapshot) throw new Error(`${name} has no backup`);
  const address = `/recovery/${task.id}/${user.id}`;
  const snapshot = `${address}/${user.snapshot}`;
  const items = (parent: string) =>
    call<Schema<"ItemList">>(
      "GET",
      `/api/tasks/${task.id}/users/${user.id}/snapshots/${user.snapshot}/items?limit=200&parent=${parent}`,
    );
  const top = (await items("0")).items;
  const folder = await firstWithFiles(top, items);
  return { task, user, address, snapshot, ...folder };
}

/** firstWithFiles returns a folder of the top level that has a file, and that file. */
async function firstWithFiles(top: Schema<"Item">[], items: (parent: string) => Promise<Schema<"ItemList">>) {
  for (const folder of top.filter((i) => i.kind === "folder" && i.ownedBy === top[0]?.ownedBy)) {
    const file = (await items(folder.id)).items.find((i) => i.kind === "file");
    if (file) return { folder, file };
  }
  throw new Error("no folder of the top level has a file");
}
