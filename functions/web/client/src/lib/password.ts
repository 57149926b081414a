/** What a new password must be. The server decides; these say so while it is typed. */
export const shortest = 12;
export const longest = 128;

/** Rule is one demand on a new password; met is unknown where only the server can tell. */
export type Rule = { label: string; met: boolean | undefined };

/** rules returns what is asked of a new password, and what of it this one meets. Email is whose it will be. */
export function rules(password: string, email: string): Rule[] {
  const length = [...password.normalize("NFC")].length;
  return [
    { label: `${shortest} to ${longest} characters`, met: length >= shortest && length <= longest },
    { label: "Not your e-mail address", met: length > 0 && !isAddress(password, email) },
    { label: "Not one that many people use (checked when sent)", met: undefined },
  ];
}

/** refuse says why a new password will not do, as far as can be told here. */
export function refuse(password: string, email: string): string | null {
  const length = [...password.normalize("NFC")].length;
  if (length < shortest) return `Choose a password of at least ${shortest} characters.`;
  if (length > longest) return `Choose a password of at most ${longest} characters.`;
  if (isAddress(password, email)) return "Choose a password that is not your e-mail address.";
  return null;
}

function isAddress(password: string, email: string): boolean {
  const p = password.trim().toLowerCase();
  const e = email.trim().toLowerCase();
  return e !== "" && [e, e.split("@")[0], e.replaceAll("@", "")].includes(p);
}
