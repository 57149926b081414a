// A backup task: its connection to Box and its Box users.

import { get, patch, post } from "./api.js";
import { attempt, badge, button, count, dialog, form, h, link, notice, row, select, size, table, time } from "./dom.js";
import { frequencies, fromForm, settings } from "./tasks.js";

const outcomes = {
  connected: ["Connected. Coffer is looking for the Box users of the enterprise.", ""],
  denied: ["Box was not authorised, so nothing has changed.", "warn"],
  "other-enterprise": ["You signed in to another Box enterprise than the one that this task backs up. Sign in as an administrator of that one, or add a new task.", "bad"],
  "not-administrator": ["Only an administrator or co-administrator of a Box enterprise can connect it. Personal Box accounts cannot be backed up.", "bad"],
  failed: ["Box did not complete the authorisation. Try again in a moment.", "bad"],
};
const statuses = ["Not Active", "Scheduled", "In Process", "Success", "Partial", "Failed", "Paused", "Archived"];

export async function task({ ids: [id], query, signal, go }) {
  const base = `/api/tasks/${encodeURIComponent(id)}`;
  const chosen = new Set();
  const filter = { q: query.get("q") || "", status: query.get("status") || "", sort: "name", order: "asc" };
  let limit = 50;
  const head = h("div", {}), list = h("div", {}), tools = h("div", { class: "bar sticky" });

  const told = outcomes[query.get("connect")];
  if (told) {
    notice(...told);
    history.replaceState(null, "", location.pathname);
  }

  const connect = async () => { location.assign((await post(`${base}/authorize`)).url); };
  const edit = (t) => {
    const close = dialog("Backup settings", form("Save", async (values) => {
      await patch(base, fromForm(values));
      close();
      await refresh();
    }, ...settings(t), h("p", { class: "quiet" }, `Backup data center: ${t.region}. Retention: unlimited.`)));
  };
  const act = (name, done) => async () => {
    const { done: n, refused } = await post(`${base}/users/${name}`, chosen.size ? { ids: [...chosen] } : { all: true });
    notice(`${done}: ${count(n)} Box users.`);
    for (const r of refused.slice(0, 5)) notice(r.reason, "warn");
    chosen.clear();
    await refresh();
  };
  const doing = (label, work, kind) => button(label, (event) => attempt(event.target, work), kind);

  function drawHead(t) {
    head.replaceChildren(
      h("p", { class: "crumbs" }, link("/", "Backup tasks")),
      h("div", { class: "bar" }, h("h1", {}, t.name), badge(t.connection, t.reason),
        doing(t.connection === "Connected" ? "Authorise in Box again" : "Authorise in Box", connect, t.connection === "Connected" ? "" : "primary"),
        button("Settings", () => edit(t))),
      t.reason && h("p", { class: "problem" }, t.reason),
      h("p", { class: "quiet" }, t.enterprise ? `${t.enterprise.name}, authorised by ${t.enterprise.administrator}. ` : "Not connected to a Box enterprise yet. ",
        `${frequencies.find(([f]) => f === t.frequency)[1]} at ${t.hour}:00 UTC. Next: `, time(t.nextRun), `. ${size(t.users.size)} in ${count(t.users.items)} items.`));
  }

  function progress(u) {
    const p = u.progress;
    if (!p) return u.requested ? h("small", {}, "waiting for a worker") : "";
    return h("small", {}, h("progress", { max: p.files + p.wanted || 1, value: p.phase === "Listing" ? undefined : p.files, "aria-label": p.phase }),
      ` ${p.phase}: ${count(p.items)} items, ${count(p.files)} of ${count(p.files + p.wanted)} files, ${size(p.bytes)}, ${count(p.calls)} Box calls`);
  }

  function drawTools() {
    const some = chosen.size ? `${count(chosen.size)} selected` : "All Box users";
    tools.replaceChildren(h("strong", {}, some), doing("Activate", act("activate", "Activated"), "primary"),
      doing("Pause", act("pause", "Paused")), doing("Backup now", act("backup", "Backup requested")));
  }

  function drawUsers({ items, next }) {
    const tick = (u) => h("input", {
      type: "checkbox", "aria-label": `Select ${u.name}`, checked: chosen.has(u.id),
      onchange: (event) => { chosen[event.target.checked ? "add" : "delete"](u.id); drawTools(); },
    });
    const sorted = (label, key) => button(label + (filter.sort === key ? (filter.order === "asc" ? " ▲" : " ▼") : ""), () => {
      filter.order = filter.sort === key && filter.order === "asc" ? "desc" : "asc";
      filter.sort = key;
      refresh();
    }, "plain");
    list.replaceChildren(table("Box users",
      ["", sorted("Name", "name"), sorted("E-mail", "login"), sorted("Status", "status"), { label: "Items", right: true }, { label: sorted("Size", "size"), right: true }, sorted("Last backup", "lastBackup"), ""],
      items.map((u) => row(tick(u), u.name, u.login, [badge(u.status, u.reason), " ", progress(u), u.reason && h("small", { class: "reason" }, u.reason)],
        { right: count(u.items) }, { right: size(u.size) }, time(u.lastBackup),
        u.snapshot && link(`/tasks/${id}/users/${u.id}`, "Snapshots"))),
      filter.q || filter.status ? "No Box user matches." : "No Box users are known yet. They appear a moment after Box is authorised."),
    next ? button("More", () => { limit = Math.min(200, limit + 50); refresh(); }) : "");
  }

  async function refresh() {
    const [t, users] = await Promise.all([get(base), get(`${base}/users`, { ...filter, limit })]);
    if (signal.aborted) return;
    drawHead(t);
    drawUsers(users);
    drawTools();
  }
  const timer = setInterval(() => { if (!document.hidden) refresh().catch(() => {}); }, 3000);
  signal.addEventListener("abort", () => clearInterval(timer));

  await refresh();
  return h("section", {}, head,
    h("div", { class: "bar" },
      h("input", { type: "search", "aria-label": "Search Box users", placeholder: "Search by name or e-mail", value: filter.q, oninput: (e) => { filter.q = e.target.value; refresh().catch(() => {}); } }),
      h("label", {}, "Status ", (() => {
        const s = select("status", [["", "All"], ...statuses.map((x) => [x, x])], filter.status);
        s.addEventListener("change", () => { filter.status = s.value; refresh().catch(() => {}); });
        return s;
      })())),
    tools, list);
}
