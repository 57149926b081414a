import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { product, until } from "./admin";

/** Newcomer is an administrator with an account of their own, in which a test may do as it likes. */
export type Newcomer = { email: string; password: string };

async function post(path: string, body: object, agent = "curl/8.5.0") {
  const response = await fetch(product() + path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "User-Agent": agent },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
}

/** address returns an e-mail address that nobody had before. */
export const address = () => `test-${randomUUID()}@newcomer.example`;

/** newPassword returns one that nobody had before. */
export const newPassword = () => `a password of ${randomUUID()}`;

/** newcomer signs up and activates an account. */
export async function newcomer(): Promise<Newcomer> {
  const who = { email: address(), password: newPassword() };
  await post("/api/sign-up", { ...who, company: "Newcomer Ltd.", name: "Nina Newcomer" });
  const link = await mailedLink(who.email, "activate");
  await post("/api/activate", { token: link.split("#")[1] });
  return who;
}

/** enter signs in with a program or browser that is not the test's. */
export const enter = (who: Newcomer, agent?: string) => post("/api/session", who, agent);

/** enterBrowser signs in with the page's browser. */
export async function enterBrowser(page: Page, who: Newcomer) {
  const response = await page.request.post("/api/session", { data: who });
  if (!response.ok()) throw new Error(`${who.email} cannot sign in: ${response.status()}`);
}

type Mail = { to: string[]; subject: string; text: string };

/** mailedLink waits for a mail to the address with a link to that page, and returns the newest such link's path. */
export async function mailedLink(email: string, page: string, not = ""): Promise<string> {
  return until(`a mail to ${email} with a link to ${page}`, async () => {
    const mails: Mail[] = await (await fetch(`${product()}/_local/mail/mails.json`)).json();
    const links = mails
      .filter((m) => m.to.includes(email))
      .flatMap((m) => m.text.match(new RegExp(`/${page}#\\S+`)) ?? []);
    return links.find((l) => l !== not);
  });
}

/** mailedAddress waits for a mail to the address about a subject, and returns the path of the newest one's first link. */
export async function mailedAddress(email: string, subject: RegExp): Promise<string> {
  return until(`a mail to ${email} about ${subject}`, async () => {
    const mails: Mail[] = await (await fetch(`${product()}/_local/mail/mails.json`)).json();
    const mail = mails.find((m) => m.to.includes(email) && subject.test(m.subject));
    return mail?.text.match(/https?:\/\/[^/\s]+(\/\S*)/)?.[1];
  });
}
