// Elements, and how values look. Nothing here parses HTML: names from Box are
// always text.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...shown(children));
  return element;
}

const shown = (children) => children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false && c !== "");

// fill puts children in place of what the element has.
export const fill = (element, ...children) => element.replaceChildren(...shown(children));

export const link = (href, ...children) => h("a", { href }, ...children);

export const button = (label, onclick, kind = "") => h("button", { type: "button", class: kind, onclick }, label);

const number = new Intl.NumberFormat();
export const count = (n) => number.format(n);
export const some = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

export function size(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  let n = bytes, unit = 0;
  while (n >= 1000 && unit < units.length - 1) { n /= 1000; unit++; }
  return new Intl.NumberFormat(undefined, { style: "unit", unit: units[unit], unitDisplay: unit ? "short" : "long", maximumFractionDigits: n < 10 && unit ? 1 : 0 }).format(n);
}

const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
export function time(iso) {
  if (!iso) return h("span", { class: "quiet" }, "–");
  const at = new Date(iso);
  return h("time", { datetime: iso, title: `${at.toISOString().slice(0, 19).replace("T", " ")} UTC` }, dateTime.format(at));
}

const tones = {
  Success: "good", Connected: "good", Succeeded: "good", created: "good", replaced: "good",
  Partial: "warn", "Partially succeeded": "warn", Paused: "warn", Canceled: "warn",
  Failed: "bad", Disconnected: "bad", failed: "bad", absent: "bad",
  "In Process": "busy", "In progress": "busy", Pending: "busy", Scheduled: "busy",
};
export const badge = (text, title) => h("span", { class: `badge ${tones[text] || ""}`, title }, text);

export function table(caption, heads, rows, empty) {
  if (!rows.length) return h("p", { class: "empty" }, empty);
  return h("div", { class: "scroll" }, h("table", {},
    h("caption", {}, caption),
    h("thead", {}, h("tr", {}, heads.map((c) => h("th", { scope: "col", class: c?.right ? "right" : undefined }, c?.label ?? c)))),
    h("tbody", {}, rows)));
}

export const row = (...cells) => h("tr", {}, cells.map((c) => (c?.right !== undefined ? h("td", { class: "right" }, c.right) : h("td", {}, c))));

export function notice(text, tone = "") {
  const box = h("div", { class: `notice ${tone}` }, h("span", {}, text), button("Close", () => box.remove(), "plain"));
  document.getElementById("notices").append(box);
  if (!tone) setTimeout(() => box.remove(), 8000);
}

// attempt runs what a person asked for, with the button off meanwhile, and
// shows what went wrong where the person is looking.
export async function attempt(element, work) {
  const place = element.closest("form, dialog") || document.getElementById("main");
  place.querySelector(":scope > .problem")?.remove();
  element.disabled = true;
  try {
    return await work();
  } catch (problem) {
    const lines = (problem.fields || []).map((f) => f.message).filter((m) => m !== problem.message);
    place.prepend(h("div", { class: "problem", role: "alert" }, h("p", {}, problem.message), lines.map((m) => h("p", {}, m))));
  } finally {
    element.disabled = false;
  }
}

export function field(label, control, hint) {
  return h("label", { class: "field" }, h("span", {}, label), control, hint && h("small", {}, hint));
}

export const select = (name, options, value) => h("select", { name },
  options.map(([id, label]) => h("option", { value: id, selected: id === value }, label)));

// form calls submit with the values of the named controls.
export function form(label, submit, ...children) {
  const send = h("button", { class: "primary" }, label);
  return h("form", {
    onsubmit: (event) => {
      event.preventDefault();
      attempt(send, () => submit(Object.fromEntries(new FormData(event.target))));
    },
  }, ...children, h("div", { class: "actions" }, send));
}

// dialog shows content in a dialog and returns what closes it.
export function dialog(title, ...content) {
  const box = h("dialog", { "aria-label": title, onclose: () => box.remove() },
    h("h2", {}, title), ...content, button("Cancel", () => box.close(), "plain"));
  document.body.append(box);
  box.showModal();
  return () => box.close();
}
