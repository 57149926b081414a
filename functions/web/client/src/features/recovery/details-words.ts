import { dateTime } from "@/lib/format";
import type { Details } from "./details.api";

/** capital begins a word of Box's with a capital, and has spaces for what joins its parts: "Viewer uploader". */
export function capital(word: string): string {
  const words = word.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const accesses: Record<string, string> = {
  open: "Anyone who has the link",
  company: "People of the company",
  collaborators: "People invited to it",
};

/** opensFor says whom a shared link was for, and what it allowed. */
export function opensFor(link: NonNullable<Details["sharedLink"]>): string {
  const who = (link.access && accesses[link.access]) ?? (link.access ? capital(link.access) : "Unknown");
  const may = link.canEdit ? "edit" : link.canDownload ? "download" : "look at";
  return `${who} could ${may} it${link.password ? ", with a password" : ""}`;
}

/** fieldWord makes a metadata field's key readable: "contractNumber" is "Contract number". */
export function fieldWord(key: string): string {
  const words = key
    .replace(/^\$/, "")
    .replaceAll(/[_-]+/g, " ")
    .replaceAll(
      /([a-z\d])([A-Z])/g,
      (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
    );
  return capital(words.trim() || key);
}

const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** fieldValue shows a metadata field's value as a person would write it. */
export function fieldValue(value: unknown): string {
  if (Array.isArray(value)) return value.map(fieldValue).join(", ");
  if (typeof value === "string") return moment.test(value) ? dateTime(value) : value;
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  return String(value ?? "");
}

/** scopeWord says where a metadata template comes from: Box's own are global. */
export function scopeWord(scope: string): string {
  return scope === "global" ? "Box's own template" : "The enterprise's template";
}
