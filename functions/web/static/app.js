// The portal's frame: which page an address is for, the navigation, and the
// session.

import { get, remove, whenSignedOut } from "./api.js";
import { button, h, link } from "./dom.js";
import { activate, signIn, signUp } from "./access.js";
import { task } from "./task.js";
import { tasks } from "./tasks.js";
import { browse, snapshots } from "./snapshots.js";
import { activity, job, jobs } from "./jobs.js";

const open = [["/sign-in", signIn], ["/sign-up", signUp], ["/activate", activate]];
const pages = [
  [/^\/$/, tasks],
  [/^\/tasks\/([^/]+)$/, task],
  [/^\/tasks\/([^/]+)\/users\/([^/]+)$/, snapshots],
  [/^\/tasks\/([^/]+)\/users\/([^/]+)\/snapshots\/([^/]+)$/, browse],
  [/^\/jobs$/, jobs],
  [/^\/jobs\/([^/]+)$/, job],
  [/^\/activity$/, activity],
];

let session = null;
let leave = new AbortController();

// go shows another page as if its link had been followed.
export function go(address, replace = false) {
  history[replace ? "replaceState" : "pushState"](null, "", address);
  show();
}

async function show() {
  leave.abort();
  document.getElementById("notices").replaceChildren();
  leave = new AbortController();
  const { signal } = leave;
  const main = document.getElementById("main");
  const { pathname, search } = location;
  const stranger = open.find(([path]) => path === pathname);
  try {
    if (!stranger && !session) {
      session = await get("/api/session").catch((problem) => {
        if (problem.status !== 401) throw problem;
        return null;
      });
      if (!session) return go(`/sign-in?next=${encodeURIComponent(pathname + search)}`, true);
    }
    head(stranger ? null : session);
    const [pattern, page] = stranger ? [null, stranger[1]] : pages.find(([p]) => p.test(pathname)) || [null, missing];
    const ids = pattern ? pathname.match(pattern).slice(1).map(decodeURIComponent) : [];
    main.setAttribute("aria-busy", "true");
    const content = await page({ ids, query: new URLSearchParams(search), signal, go });
    if (!signal.aborted) main.replaceChildren(content);
  } catch (problem) {
    if (!signal.aborted) main.replaceChildren(h("div", { class: "problem", role: "alert" }, h("p", {}, problem.message), button("Try again", show)));
  } finally {
    main.removeAttribute("aria-busy");
  }
  document.title = `${main.querySelector("h1")?.textContent || "Portal"} – Coffer`;
}

const missing = () => h("section", {}, h("h1", {}, "Nothing here"), h("p", {}, "There is no page at this address. ", link("/", "Go to the homepage.")));

function head(who) {
  const header = document.getElementById("header");
  header.replaceChildren(link("/", h("span", { class: "brand" }, "Coffer")));
  if (!who) return;
  const here = (path) => ({ href: path, "aria-current": location.pathname === path ? "page" : undefined });
  header.append(
    h("nav", { "aria-label": "Main" }, h("a", here("/"), "Homepage"), h("a", here("/jobs"), "Jobs"), h("a", here("/activity"), "Activity")),
    h("span", { class: "who", title: who.user.email }, who.account.company),
    button("Sign out", async () => {
      await remove("/api/session").catch(() => {});
      session = null;
      go("/sign-in");
    }, "plain"),
  );
}

document.addEventListener("click", (event) => {
  const a = event.target.closest("a[href^='/']");
  if (!a || a.target || event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  go(a.getAttribute("href"));
  document.getElementById("main").focus();
});
window.addEventListener("popstate", show);
whenSignedOut(() => {
  session = null;
  go(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`, true);
});
show();
