// Jobs, what became of each of their items, and the activity list.

import { get, post } from "./api.js";
import { attempt, badge, button, count, fill, h, link, row, size, table, time } from "./dom.js";

const final = ["Succeeded", "Partially succeeded", "Failed", "Canceled"];
const modes = { non_destructive: "new folder", replace: "in place, replace", bypass: "in place, skip" };

// live calls draw now and every 2 seconds until it says that it is done.
async function live(signal, draw) {
  let done = await draw();
  const timer = setInterval(async () => {
    if (document.hidden || done) return;
    done = await draw().catch(() => false);
  }, 2000);
  signal.addEventListener("abort", () => clearInterval(timer));
}

const bar = (j) => h("progress", { max: j.total || 1, value: j.total ? j.done + j.skipped + j.failed : undefined, "aria-label": "Progress" });

export async function jobs({ query, signal }) {
  const section = h("section", {});
  await live(signal, async () => {
    const { items, next, summary } = await get("/api/jobs", { cursor: query.get("cursor") || "", status: query.get("status") || "" });
    fill(section, h("h1", {}, "Jobs"),
      h("p", { class: "tiles" }, [["In progress", summary.inProgress], ["Succeeded", summary.succeeded], ["Partially succeeded or failed", summary.partialOrFailed]]
        .map(([label, n]) => h("span", { class: "tile" }, h("strong", {}, count(n)), label))),
      table("Jobs of the last 7 days", ["Job", "Box user", "Snapshot of", "Where to", "Status", { label: "Items", right: true }, { label: "Size", right: true }, "Begun", "By"],
        items.map((j) => row(link(`/jobs/${j.id}`, j.label || "Restore"), j.userName, time(j.taken), modes[j.mode],
          [badge(j.status), " ", !final.includes(j.status) && bar(j)], { right: count(j.total) }, { right: size(j.bytes) }, time(j.created), j.initiator)),
        "There were no jobs in the last 7 days."),
      next && link(`/jobs?cursor=${encodeURIComponent(next)}`, "More jobs"));
    return items.every((j) => final.includes(j.status));
  });
  return section;
}

export async function job({ ids: [id], signal }) {
  const base = `/api/jobs/${encodeURIComponent(id)}`;
  const head = h("div", {}), list = h("div", {});
  let outcome = "";
  async function ledger(cursor = "", before = []) {
    const answer = await get(`${base}/items`, { outcome, cursor, limit: 100 });
    const items = [...before, ...answer.items];
    fill(list, table("Items", ["Name", "Outcome", { label: "Size", right: true }, "Reason"],
      items.map((i) => row([h("span", { class: `kind ${i.kind}` }), i.name], badge(i.outcome), { right: i.kind === "file" ? size(i.size) : "" }, i.reason || "")),
      "No items yet."), answer.next && button("More", () => ledger(answer.next, items)));
  }
  await live(signal, async () => {
    const j = await get(base);
    fill(head,
      h("p", { class: "crumbs" }, link("/jobs", "Jobs")),
      h("div", { class: "bar" }, h("h1", {}, j.label || `Restore of ${j.userName}`), badge(j.status),
        !final.includes(j.status) && button("Cancel job", (e) => attempt(e.target, () => post(`${base}/cancel`)))),
      j.reason && h("p", { class: "problem" }, j.reason),
      !final.includes(j.status) && bar(j),
      h("p", {}, `${count(j.done)} restored, ${count(j.skipped)} left as they were, ${count(j.failed)} failed, of ${j.total ? count(j.total) : "…"}; ${size(j.bytes)}. `,
        `${j.userName} (${j.userLogin}), ${modes[j.mode]}, snapshot of `, time(j.taken), "."));
    await ledger();
    return final.includes(j.status);
  });
  const choose = h("select", { "aria-label": "Outcome", onchange: (e) => { outcome = e.target.value; ledger(); } },
    [["", "All items"], ["failed", "Failed"], ["created", "Created"], ["replaced", "Replaced"], ["kept", "Kept"]].map(([v, label]) => h("option", { value: v }, label)));
  return h("section", {}, head, h("div", { class: "bar" }, choose), list);
}

export async function activity({ query }) {
  const { items, next } = await get("/api/activity", { cursor: query.get("cursor") || "" });
  return h("section", {}, h("h1", {}, "System activity"),
    table("System activity", ["Activity", "When", "Status", "Task", "Item", { label: "Records", right: true }, { label: "Size", right: true }, "Description"],
      items.map((a) => row(a.kind, time(a.at), badge(a.status), a.taskName, a.item || "", { right: count(a.records) }, { right: size(a.bytes) }, a.description)),
      "Nothing has happened yet."),
    next && link(`/activity?cursor=${encodeURIComponent(next)}`, "Older activity"));
}
