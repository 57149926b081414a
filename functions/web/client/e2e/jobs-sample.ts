import type { components } from "../src/lib/schema";

type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

const minutes = (n: number) => new Date(Date.now() + n * 60_000).toISOString();

/** aJob returns a restore as the API describes it: of 312 items, done a while ago. */
export function aJob(some: Partial<Schema<"Job">> = {}): Schema<"Job"> {
  return {
    id: "job1",
    kind: "restore",
    label: "Q3 contracts",
    task: "task1",
    taskName: "Northwind Optics",
    user: "17",
    userName: "Ada Lovegrove",
    userLogin: "ada.lovegrove@northwind.example",
    snapshot: "snapshot1",
    taken: minutes(-600),
    whole: false,
    mode: "non_destructive",
    initiator: "admin@northwind.example",
    status: "Succeeded",
    target: "271828182845",
    created: minutes(-12),
    started: minutes(-11.9),
    ended: minutes(-11),
    total: 312,
    totalBytes: 34_567_890,
    done: 312,
    skipped: 0,
    failed: 0,
    bytes: 34_567_890,
    ...some,
  };
}

/** running returns a restore in progress: 121 items of 312 in 40 seconds. */
export function running(some: Partial<Schema<"Job">> = {}): Schema<"Job"> {
  return aJob({
    id: "running",
    label: undefined,
    whole: true,
    status: "In progress",
    created: minutes(-0.8),
    started: minutes(-40 / 60),
    ended: undefined,
    done: 118,
    skipped: 2,
    failed: 1,
    bytes: 12_000_000,
    destination: {
      user: "18",
      userName: "Bruno Almeida",
      userLogin: "bruno.almeida@northwind.example",
      folder: "99",
      folderName: "Handover",
    },
    ...some,
  });
}

/** partial returns a restore that 7 items failed of. */
export function partial(): Schema<"Job"> {
  return aJob({
    id: "partial",
    label: "Contracts again",
    mode: "bypass",
    target: undefined,
    status: "Partially succeeded",
    reason: "7 of 312 items could not be restored. The job's list of items says why.",
    done: 300,
    skipped: 5,
    failed: 7,
  });
}

/** failed returns a restore that could not begin. */
export function failed(): Schema<"Job"> {
  return aJob({
    id: "failed",
    label: "After the outage",
    target: undefined,
    status: "Failed",
    reason: "The backup task is not connected to Box. Connect it and start the restore again.",
    total: 0,
    totalBytes: 0,
    done: 0,
    bytes: 0,
  });
}

/** allJobs returns a job of each status. */
export function allJobs(): Schema<"JobList"> {
  const pending = aJob({
    id: "pending",
    label: "Week 47 of the design team, everything they lost",
    mode: "replace",
    status: "Pending",
    target: undefined,
    started: undefined,
    ended: undefined,
    total: 0,
    totalBytes: 0,
    done: 0,
    bytes: 0,
  });
  const canceled = aJob({ id: "canceled", status: "Canceled", label: undefined, done: 20, bytes: 230_000 });
  return {
    items: [running(), pending, aJob(), partial(), failed(), canceled],
    total: 6,
    summary: { inProgress: 2, succeeded: 1, partialOrFailed: 2 },
    initiators: ["admin@northwind.example", "ida.taylor@northwind.example"],
  };
}

/** noJobs returns the list of an account that has restored nothing for a week. */
export function noJobs(): Schema<"JobList"> {
  return {
    items: [],
    total: 0,
    summary: { inProgress: 0, succeeded: 0, partialOrFailed: 0 },
    initiators: [],
  };
}

/** anItem returns a line of a job's ledger. */
export function anItem(id: number, some: Partial<Schema<"JobItem">> = {}): Schema<"JobItem"> {
  return {
    kind: "file",
    id: String(id),
    name: `File ${id}.docx`,
    outcome: "created",
    size: 12_345 * id,
    ...some,
  };
}

/** someItems returns lines of each outcome and kind. */
export function someItems(): Schema<"ListJobItem"> {
  return {
    items: [
      anItem(1, { name: "Contract with Zeiss 2026-03.docx" }),
      anItem(2, {
        name: "Lens catalogue.pdf",
        reason: 'Its name is taken, it is now called "Lens catalogue (restored).pdf".',
      }),
      anItem(3, {
        name: "Budget 2026 with the remarks of the board and_an_uncomfortably_long_word_in_its_name.xlsx",
        outcome: "failed",
        reason: "Box refuses it: permissions, a policy or a lock.",
      }),
      anItem(4, { name: "Notes.txt", outcome: "kept" }),
      anItem(5, { name: "Plan.md", outcome: "replaced" }),
      anItem(6, { name: "Photo.jpg", outcome: "intended" }),
      anItem(7, { kind: "folder", name: "Archive", size: 0 }),
      anItem(8, { kind: "web_link", name: "Intranet", size: 0 }),
    ],
    next: "next",
  };
}

/** failedItems returns seven lines that failed for two reasons. */
export function failedItems(): Schema<"ListJobItem"> {
  const refused = "Box refuses it: permissions, a policy or a lock.";
  const large = "The file is larger than the Box user may upload.";
  return {
    items: [1, 2, 3, 4, 5, 6, 7].map((n) =>
      anItem(n, { outcome: "failed", reason: n < 6 ? refused : large }),
    ),
  };
}
