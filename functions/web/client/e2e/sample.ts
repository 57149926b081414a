import type { components } from "../src/lib/schema";

export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

const minutes = (n: number) => new Date(Date.now() + n * 60_000).toISOString();

/** aTask returns a backup task as the API describes it. */
export function aTask(some: Partial<Schema<"Task">> = {}): Schema<"Task"> {
  return {
    id: "task1",
    name: "Northwind Optics",
    connection: "Connected",
    enterprise: { id: "800101", name: "Northwind Optics", administrator: "ada@northwind.example" },
    frequency: "daily",
    hour: 1,
    autoActivate: false,
    region: "eu-central-1",
    created: "2026-01-05T09:00:00Z",
    nextRun: minutes(20 * 60),
    policy: {
      versions: false,
      trash: false,
      index: true,
      retention: null,
      archiveDays: 0,
      ceiling: 0,
      concurrency: 0,
    },
    users: {
      total: 12,
      active: 12,
      archived: 0,
      deleted: 0,
      byStatus: { Success: 12 },
      items: 740,
      size: 1_536_947,
      lastBackup: minutes(-240),
    },
    ...some,
  };
}

/** inProgress returns how far a backup has come: a quarter, after 30 seconds. */
export function inProgress(): Schema<"Progress"> {
  return {
    phase: "Downloading",
    items: 640,
    files: 120,
    wanted: 360,
    bytes: 48_300_000,
    calls: 38,
    started: minutes(-0.5),
    updated: minutes(0),
  };
}

/** aUser returns a Box user as the API describes it. */
export function aUser(some: Partial<Schema<"BoxUser">> = {}): Schema<"BoxUser"> {
  return {
    id: "17",
    name: "Ada Lovegrove",
    login: "ada@northwind.example",
    boxStatus: "active",
    active: true,
    status: "Success",
    snapshot: "snapshot1",
    firstBackup: "2026-01-06T01:04:11Z",
    lastBackup: minutes(-240),
    items: 66,
    size: 132_584,
    requested: false,
    tags: [],
    external: 0,
    drift: 0,
    ...some,
  };
}

/** listed returns a page of Box users as the API lists them, all there are. */
export function listed(
  items: Schema<"BoxUser">[],
  more: Partial<Schema<"BoxUserList">> = {},
): Schema<"BoxUserList"> {
  const byStatus: Record<string, number> = {};
  for (const { status } of items) byStatus[status] = (byStatus[status] ?? 0) + 1;
  return { items, total: items.length, byStatus, ...more };
}

/** aSnapshot returns a snapshot as the API describes it. */
export function aSnapshot(some: Partial<Schema<"Snapshot">> = {}): Schema<"Snapshot"> {
  return {
    id: "snapshot1",
    status: "Success",
    taken: minutes(-240),
    started: minutes(-240),
    ended: minutes(-238),
    method: "user_stream",
    items: 66,
    files: 53,
    folders: 12,
    webLinks: 1,
    size: 132_584,
    added: 3,
    changed: 8,
    removed: 1,
    failed: 0,
    drift: 0,
    stored: 41_250,
    calls: 6,
    ...some,
  };
}

/** aHistory returns the history of 30 days in which most days had a backup. */
export function aHistory(): Schema<"History"> {
  const days = Array.from({ length: 30 }, (_, i): Schema<"Day"> => {
    const date = new Date(Date.now() - (29 - i) * 86_400_000).toISOString().slice(0, 10);
    const [files, folders, webLinks] = i % 7 > 4 ? [0, 0, 0] : [(i * 13) % 37, i % 5, i % 9 === 0 ? 2 : 0];
    const added = Math.floor((files + folders) / 3);
    return {
      date,
      runs: i % 7 > 4 ? 0 : 1,
      status: i % 7 > 4 ? undefined : i === 12 ? "Partial" : "Success",
      added,
      changed: files + folders + webLinks - added,
      removed: i % 4,
      failed: i === 12 ? 2 : 0,
      files,
      folders,
      webLinks,
      items: 60 + i,
      bytes: 130_000,
    };
  });
  const last = { lastBackup: minutes(-240), status: "Success" } as const;
  return {
    days,
    tiles: [
      { kind: "files", items: 53, ...last },
      { kind: "folders", items: 12, ...last },
      { kind: "webLinks", items: 1, ...last },
    ],
  };
}
