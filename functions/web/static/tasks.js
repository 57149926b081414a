// The homepage: backup tasks.

import { get, post } from "./api.js";
import { badge, button, count, dialog, field, form, h, link, row, select, size, table, time } from "./dom.js";

export const frequencies = [["daily", "Daily"], ["every_3_days", "Every 3 days"], ["weekly", "Weekly"], ["three_times_daily", "3 times a day"]];
export const hours = [...Array(24).keys()].map((n) => [String(n), `${n}:00 UTC`]);

// settings are the controls that a new task and an old one share.
export const settings = (t = { name: "", frequency: "daily", hour: 1, autoActivate: false }) => [
  field("Backup name", h("input", { name: "name", required: true, maxlength: 100, value: t.name })),
  field("Backup frequency", select("frequency", frequencies, t.frequency)),
  field("Backup hour", select("hour", hours, String(t.hour))),
  h("label", { class: "check" }, h("input", { type: "checkbox", name: "autoActivate", checked: t.autoActivate }), " Activate new Box users by themselves (this can change the bill)"),
];
export const fromForm = (v) => ({ name: v.name, frequency: v.frequency, hour: Number(v.hour), autoActivate: v.autoActivate === "on" });

function add(go) {
  const close = dialog("Add Backup Task", form("Add", async (values) => {
    const t = await post("/api/tasks", fromForm(values));
    close();
    go(`/tasks/${t.id}`);
  }, ...settings()));
}

export async function tasks({ query, go }) {
  const { items, next } = await get("/api/tasks", { cursor: query.get("cursor") || "" });
  const rows = items.map((t) => row(
    link(`/tasks/${t.id}`, t.name),
    badge(t.connection, t.reason),
    t.enterprise?.name || "–",
    [`${count(t.users.active)} of ${count(t.users.total)} active`, t.users.byStatus["Not Active"] ? h("span", { class: "hint" }, " some are not activated") : ""],
    ["Failed", "Partial"].filter((s) => t.users.byStatus[s]).map((s) => badge(s, `${t.users.byStatus[s]} Box users`)),
    { right: size(t.users.size) },
    time(t.users.lastBackup),
    time(t.nextRun),
  ));
  return h("section", {},
    h("div", { class: "bar" }, h("h1", {}, "Backup tasks"), button("Add Backup Task", () => add(go), "primary")),
    table("Backup tasks", ["Name", "Box", "Enterprise", "Box users", "Problems", { label: "Size", right: true }, "Last backup", "Next backup"], rows,
      "There is no backup task yet. Add one to connect your Box enterprise."),
    next && link(`/?cursor=${encodeURIComponent(next)}`, "More tasks"));
}
