// The pages for people who are not signed in.

import { get, post } from "./api.js";
import { field, form, h, link, select } from "./dom.js";

const card = (title, ...content) => h("section", { class: "card narrow" }, h("h1", {}, title), ...content);

// local keeps a sign-in from leading to another site.
const local = (next) => (next && /^\/(?![/\\])/.test(next) ? next : "/");

export const signIn = ({ query, go }) => card("Sign in",
  form("Sign in", async (values) => {
    await post("/api/session", values);
    go(local(query.get("next")));
  },
  field("E-mail", h("input", { name: "email", type: "email", required: true, autocomplete: "username", autofocus: true })),
  field("Password", h("input", { name: "password", type: "password", required: true, autocomplete: "current-password" }))),
  h("p", {}, "New to Coffer? ", link("/sign-up", "Start a free trial.")));

export async function signUp() {
  const { items } = await get("/api/sign-up");
  const page = card("Sign up", form("Sign up", async (values) => {
    const { message } = await post("/api/sign-up", values);
    page.replaceChildren(h("h1", {}, "Check your mail"), h("p", {}, message));
  },
  field("E-mail", h("input", { name: "email", type: "email", required: true, autocomplete: "username" })),
  field("Password", h("input", { name: "password", type: "password", required: true, minlength: 12, maxlength: 128, autocomplete: "new-password" }), "12 to 128 characters. A few words are better than a few signs."),
  field("Company", h("input", { name: "company", required: true, maxlength: 100, autocomplete: "organization" })),
  field("Your name", h("input", { name: "name", maxlength: 100, autocomplete: "name" })),
  field("Location", select("location", items.map((l) => [l.id, l.name])), "Where your backups are kept, for good.")),
  h("p", {}, "Have an account? ", link("/sign-in", "Sign in.")));
  return page;
}

// A press of a button, so that a mail filter that follows links changes nothing.
export function activate() {
  const token = location.hash.slice(1);
  const page = card("Activate your account", form("Activate", async () => {
    await post("/api/activate", { token });
    history.replaceState(null, "", "/activate");
    page.replaceChildren(h("h1", {}, "Your account is active"), h("p", {}, link("/sign-in", "Sign in"), " to connect your Box enterprise."));
  }, h("p", {}, "One more step, and your account is ready.")));
  return page;
}
