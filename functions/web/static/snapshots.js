// A Box user's snapshots, what is in one, and the dialog that restores.

import { get, post } from "./api.js";
import { badge, button, count, dialog, field, fill, form, h, link, row, size, some, table, time } from "./dom.js";

const modes = [
  ["non_destructive", "Into a new folder", "Everything goes into a new folder of the Box user, marked as restored. Nothing else is touched."],
  ["replace", "In place, replace", "Deleted items and folders return; existing items that differ are overwritten by the snapshot's version."],
  ["bypass", "In place, skip", "Deleted items and folders return; existing items are left alone."],
];

// restore asks how, says what will happen in numbers, and makes the job.
function restore(what, sentence, go) {
  const close = dialog("Restore", form("Restore", async (values) => {
    const job = await post("/api/jobs", { ...what, mode: values.mode, label: values.label });
    close();
    go(`/jobs/${job.id}`);
  },
  h("p", {}, sentence),
  h("fieldset", {}, h("legend", {}, "Where to"), modes.map(([id, label, says], i) => h("label", { class: "check" },
    h("input", { type: "radio", name: "mode", value: id, checked: i === 0 }), ` ${label}`, h("small", {}, says)))),
  field("Job label (optional)", h("input", { name: "label", maxlength: 50 }))));
}

const paths = (id, user) => ({
  api: `/api/tasks/${encodeURIComponent(id)}/users/${encodeURIComponent(user)}`,
  page: `/tasks/${encodeURIComponent(id)}/users/${encodeURIComponent(user)}`,
});

async function names(id, user) {
  const [t, u] = await Promise.all([get(`/api/tasks/${encodeURIComponent(id)}`), get(paths(id, user).api)]);
  return { t, u };
}

export async function snapshots({ ids: [id, user], query, go }) {
  const { api, page } = paths(id, user);
  const from = query.get("from") || "", to = query.get("to") || "";
  const day = (s, add) => (s ? new Date(new Date(`${s}T00:00`).getTime() + add).toISOString() : "");
  const [{ t, u }, { items, next }] = await Promise.all([names(id, user),
    get(`${api}/snapshots`, { from: day(from, 0), to: day(to, 86400000), cursor: query.get("cursor") || "" })]);
  const rows = items.map((s) => row(time(s.taken), badge(s.status), { right: count(s.items) }, { right: size(s.size) },
    { right: count(s.added) }, { right: count(s.changed) }, { right: count(s.removed) }, { right: count(s.failed) },
    [link(`${page}/snapshots/${s.id}`, "Browse"), " ", button("Restore all", () => restore(
      { task: id, user, snapshot: s.id, all: true },
      `${some(s.items, "item")} (${size(s.size)}), all that ${u.name} (${u.login}) had on ${new Date(s.taken).toLocaleString()}, will be restored.`, go))]));
  return h("section", {},
    h("p", { class: "crumbs" }, link("/", "Backup tasks"), " / ", link(`/tasks/${id}`, t.name)),
    h("h1", {}, u.name), h("p", { class: "quiet" }, u.login, ". ", u.reason || ""),
    h("form", { class: "bar" },
      h("label", {}, "Data changed from ", h("input", { type: "date", name: "from", value: from })),
      h("label", {}, "to ", h("input", { type: "date", name: "to", value: to })), h("button", {}, "Show")),
    table("Snapshots", ["Taken", "Status", ...["Items", "Size", "New", "Changed", "Removed", "Failed"].map((label) => ({ label, right: true })), ""], rows,
      from || to ? "There is no snapshot in this range of dates." : "There is no snapshot yet. Activate the Box user or press Backup now."),
    next && link(`${page}?${new URLSearchParams({ from, to, cursor: next })}`, "Older snapshots"));
}

export async function browse({ ids: [id, user, snapshot], query, signal, go }) {
  const { api, page } = paths(id, user);
  const here = `${page}/snapshots/${encodeURIComponent(snapshot)}`;
  const [{ t, u }, s] = await Promise.all([names(id, user), get(`${api}/snapshots/${encodeURIComponent(snapshot)}`)]);
  const chosen = new Map();
  const crumbs = h("p", { class: "crumbs" }), list = h("div", {}), tools = h("div", { class: "bar sticky" });
  let parent = query.get("parent") || "0", words = "";

  function drawTools() {
    const n = chosen.size;
    const go1 = button(n ? `Restore ${count(n)} selected` : "Restore", () => restore(
      { task: id, user, snapshot, items: [...chosen.values()].map(({ kind, id: item }) => ({ kind, id: item })) },
      `${some(n, "selected item")}, folders with all that is in them, of ${u.name} (${u.login}) as of ${new Date(s.taken).toLocaleString()} will be restored.`, go), "primary");
    go1.disabled = !n;
    const names1 = [...chosen.values()].slice(0, 5).map((i) => i.name).join(", ");
    fill(tools, go1, n > 0 && button("Clear", () => { chosen.clear(); load(); }, "plain"), h("span", { class: "quiet" }, names1));
  }
  const enter = (folder) => (event) => {
    event.preventDefault();
    parent = folder;
    words = "";
    history.replaceState(null, "", folder === "0" ? here : `${here}?parent=${folder}`);
    load();
  };
  const folderLink = (folder, name) => h("a", { href: `${here}?parent=${folder}`, onclick: enter(folder) }, name);
  const line = (i) => {
    const key = `${i.kind}:${i.id}`;
    return row(
      h("input", { type: "checkbox", "aria-label": `Select ${i.name}`, checked: chosen.has(key), disabled: i.state === "absent", onchange: (e) => { if (e.target.checked) chosen.set(key, i); else chosen.delete(key); drawTools(); } }),
      [h("span", { class: `kind ${i.kind}`, title: i.kind.replace("_", " ") }), i.kind === "folder" ? folderLink(i.id, i.name) : i.name,
        i.state === "complete" ? "" : h("span", { class: "hint" }, ` ${i.state === "earlier" ? "an earlier version" : i.state}`)],
      { right: i.kind === "file" ? size(i.size || 0) : "" }, time(i.contentModified || i.modified), i.description || "", (i.tags || []).join(", "));
  };
  async function load(cursor = "", before = []) {
    const answer = await get(`${api}/snapshots/${encodeURIComponent(snapshot)}/items`, { ...(words ? { q: words } : { parent }), cursor, limit: 100 });
    if (signal.aborted) return;
    const items = [...before, ...answer.items];
    fill(crumbs, link("/", "Backup tasks"), " / ", link(`/tasks/${id}`, t.name), " / ", link(page, u.name), " / ", folderLink("0", new Date(s.taken).toLocaleString()),
      answer.path.map((f) => [" / ", folderLink(f.id, f.name)]));
    fill(list, table("Items", ["", "Name", { label: "Size", right: true }, "Modified", "Description", "Tags"], items.map(line), words ? "Nothing has such a name." : "This folder is empty."),
      answer.next && button("More", () => load(answer.next, items)));
    drawTools();
  }
  await load();
  return h("section", {}, crumbs, h("h1", {}, `Snapshot of ${u.name}`),
    h("p", { class: "quiet" }, time(s.taken), `: ${some(s.files, "file")}, ${some(s.folders, "folder")}, ${some(s.webLinks, "web link")}, ${size(s.size)}.`),
    s.failures.length > 0 && h("details", { class: "problem" }, h("summary", {}, `${some(s.failed, "item")} could not be backed up`),
      h("ul", {}, s.failures.map((f) => h("li", {}, `${f.name || f.id}: ${f.reason}`)))),
    h("div", { class: "bar" }, h("input", { type: "search", "aria-label": "Search names", placeholder: "Search names in this snapshot", onchange: (e) => { words = e.target.value; load(); } })),
    tools, list);
}
