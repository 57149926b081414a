// A backup task: its connection to Box and its Box users.

import { get, patch, post } from "./api.js";
import { attempt, badge, button, count, dialog, fill, form, h, link, notice, row, select, size, some, table, time } from "./dom.js";
import { frequencies, fromForm, settings } from "./tasks.js";

const outcomes = {
  connected: ["Connected. Coffer is looking for the Box users of the enterprise.", ""],
  denied: ["Box was not authorised, so nothing has changed.", "warn"],
  "other-enterprise": ["You signed in to another Box enterprise than the one that this task backs up. Sign in as an administrator of that one, or add a new task.", "bad"],
  "not-administrator": ["Only an administrator or co-administrator of a Box enterprise can connect it. Personal Box accounts cannot be backed up.", "bad"],
  failed: ["Box did not complete the authorisation. Try again in a moment.", "bad"],
};
const statuses = ["Not Active", "Scheduled", "In Process", "Success", "Partial", "Failed", "Paused", "Archived"];

// doing is a button that is off while what it does goes on.
const doing = (label, work, kind) => button(label, (event) => attempt(event.target, work), kind);

function heading(t, connect, edit) {
  const again = t.connection === "Connected";
  return [
    h("p", { class: "crumbs" }, link("/", "Backup tasks")),
    h("div", { class: "bar" }, h("h1", {}, t.name), badge(t.connection, t.reason),
      doing(again ? "Authorise in Box again" : "Authorise in Box", connect, again ? "" : "primary"), button("Settings", edit)),
    t.reason && h("p", { class: "problem" }, t.reason),
    h("p", { class: "quiet" }, t.enterprise ? `${t.enterprise.name}, authorised by ${t.enterprise.administrator}. ` : "Not connected to a Box enterprise yet. ",
      `${frequencies.find(([f]) => f === t.frequency)[1]} at ${t.hour}:00 UTC. Next: `, time(t.nextRun), `. ${size(t.users.size)} in ${some(t.users.items, "item")}.`),
  ];
}

function progress(u) {
  const p = u.progress;
  if (!p) return u.requested && h("small", {}, u.status === "In Process" ? "beginning" : "waiting for a worker");
  const files = p.files + p.wanted;
  return h("small", {}, h("progress", { max: files || 1, value: p.phase === "Listing" ? undefined : p.files, "aria-label": p.phase }),
    ` ${p.phase}: ${some(p.items, "item")}, ${count(p.files)} of ${some(files, "file")}, ${size(p.bytes)}, ${some(p.calls, "Box call")}`);
}

export async function task({ ids: [id], query, signal }) {
  const base = `/api/tasks/${encodeURIComponent(id)}`;
  const chosen = new Set();
  const filter = { q: query.get("q") || "", status: query.get("status") || "", sort: "name", order: "asc" };
  const head = h("div", {}), list = h("div", {}), tools = h("div", { class: "bar sticky" });
  let limit = 50, all = false, total = 0, drawn = "", asked = 0;

  const connect = async () => { location.assign((await post(`${base}/authorize`)).url); };
  const edit = (t) => {
    const close = dialog("Backup settings", form("Save", async (values) => {
      await patch(base, fromForm(values));
      close();
      await refresh();
    }, ...settings(t), h("p", { class: "quiet" }, `Backup data center: ${t.region}. Retention: unlimited.`)));
  };
  const act = (name, done) => async () => {
    const { done: n, refused } = await post(`${base}/users/${name}`, all ? { all } : { ids: [...chosen] });
    if (n) notice(`${done}: ${some(n, "Box user")}.`);
    for (const r of refused.slice(0, 3)) notice(`${r.name}: ${r.reason}`, "warn");
    if (refused.length > 3) notice(`And ${some(refused.length - 3, "more Box user")}.`, "warn");
    choose(false);
    await refresh();
  };

  function choose(everyone) {
    all = everyone;
    chosen.clear();
    drawn = "";
  }
  function drawTools() {
    const n = all ? total : chosen.size;
    const actions = [doing("Activate", act("activate", "Activated"), "primary"), doing("Pause", act("pause", "Paused")), doing("Backup now", act("backup", "Backup requested"))];
    for (const a of actions) a.disabled = !n;
    fill(tools, h("strong", {}, n ? `${some(n, "Box user")} selected` : "Select Box users"), actions);
  }
  const tick = (u) => h("input", {
    type: "checkbox", "aria-label": `Select ${u.name}`, checked: all || chosen.has(u.id), disabled: all,
    onchange: (event) => { chosen[event.target.checked ? "add" : "delete"](u.id); drawTools(); },
  });
  const tickAll = () => h("input", {
    type: "checkbox", "aria-label": "Select all Box users", checked: all,
    onchange: (event) => { choose(event.target.checked); refresh(); },
  });
  const sorted = (label, key) => button(label + (filter.sort === key ? (filter.order === "asc" ? " ▲" : " ▼") : ""), () => {
    filter.order = filter.sort === key && filter.order === "asc" ? "desc" : "asc";
    filter.sort = key;
    refresh();
  }, "plain");

  function drawUsers({ items, next }) {
    fill(list, table("Box users",
      [tickAll(), sorted("Name", "name"), sorted("E-mail", "login"), sorted("Status", "status"), { label: "Items", right: true }, { label: sorted("Size", "size"), right: true }, sorted("Last backup", "lastBackup"), ""],
      items.map((u) => row(tick(u), u.name, u.login, [badge(u.status, u.reason), " ", progress(u), u.reason && h("small", { class: "reason" }, u.reason)],
        { right: count(u.items) }, { right: size(u.size) }, time(u.lastBackup),
        u.snapshot && link(`/tasks/${id}/users/${u.id}`, "Snapshots"))),
      filter.q || filter.status ? "No Box user matches." : "No Box users are known yet. They appear a moment after Box is authorised."),
    next && limit < 200 && button("More", () => { limit += 50; refresh(); }));
  }

  // refresh draws again only what has changed, so that nobody loses the place.
  async function refresh() {
    const turn = ++asked;
    const [t, users] = await Promise.all([get(base), get(`${base}/users`, { ...filter, limit })]);
    if (signal.aborted || turn !== asked) return;
    const now = JSON.stringify([t, users, filter, limit]);
    if (now === drawn) return;
    drawn = now;
    total = t.users.total;
    fill(head, heading(t, connect, () => edit(t)));
    drawUsers(users);
    drawTools();
  }
  const soon = () => { refresh().catch((problem) => notice(problem.message, "bad")); };
  const status = select("status", [["", "All"], ...statuses.map((s) => [s, s])], filter.status);
  status.addEventListener("change", () => { filter.status = status.value; soon(); });

  await refresh();
  const timer = setInterval(() => { if (!document.hidden) refresh().catch(() => {}); }, 3000);
  signal.addEventListener("abort", () => clearInterval(timer));
  const told = outcomes[query.get("connect")];
  if (told) {
    notice(...told);
    history.replaceState(null, "", location.pathname);
  }
  return h("section", {}, head,
    h("div", { class: "bar" },
      h("input", { type: "search", "aria-label": "Search Box users", placeholder: "Name or e-mail", value: filter.q, oninput: (e) => { filter.q = e.target.value; soon(); } }),
      h("label", {}, "Status ", status)),
    tools, list);
}
