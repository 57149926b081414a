import type { Schema } from "@/lib/api";

/** App is what a Box app authenticates with. */
export type App = Required<Schema<"BoxCredentials">>;

export const noApp: App = {
  grant: "client_credentials",
  clientId: "",
  clientSecret: "",
  enterpriseId: "",
  keyId: "",
  privateKey: "",
  passphrase: "",
};

/** Read is what a file gave, and what is wrong with it. */
export type Read = { app?: Partial<App>; fault?: string };

/** isLocked tells whether a private key needs a passphrase. */
export function isLocked(key: string): boolean {
  return /ENCRYPTED/.test(key);
}

/** readApp reads the JSON file that Box's developer console gives for an app with a key pair. */
export function readApp(text: string): Read {
  const file = parse(text);
  const settings = part(file, "boxAppSettings");
  const auth = part(settings, "appAuth");
  const app = {
    clientId: word(settings, "clientID"),
    clientSecret: word(settings, "clientSecret"),
    enterpriseId: word(file, "enterpriseID"),
    keyId: word(auth, "publicKeyID"),
    privateKey: word(auth, "privateKey"),
    passphrase: word(auth, "passphrase"),
  };
  if (!app.clientId)
    return { fault: "This is not the file with an app's settings that Box's Developer Console gives." };
  return { app: { ...app, grant: app.privateKey || app.keyId ? "jwt" : "client_credentials" } };
}

/** faults says what is missing of an app, by field. */
export function faults(app: App): Partial<Record<keyof App, string>> {
  const wrong: Partial<Record<keyof App, string>> = {};
  if (!app.clientId.trim()) wrong.clientId = "Give the client ID.";
  if (!app.clientSecret.trim()) wrong.clientSecret = "Give the client secret.";
  if (!/^\d+$/.test(app.enterpriseId.trim())) wrong.enterpriseId = "Give the enterprise ID, a number.";
  if (app.grant !== "jwt") return wrong;
  if (!app.keyId.trim()) wrong.keyId = "Give the ID that the public key has at Box.";
  if (!app.privateKey.includes("PRIVATE KEY")) wrong.privateKey = "Paste the private key, from BEGIN to END.";
  else if (isLocked(app.privateKey) && !app.passphrase)
    wrong.passphrase = "Give the passphrase of the private key.";
  return wrong;
}

/** credentials returns an app as it is sent: without a key where none is used. */
export function credentials({ keyId, privateKey, passphrase, ...app }: App): Schema<"BoxCredentials"> {
  if (app.grant !== "jwt") return app;
  return { ...app, keyId, privateKey, ...(isLocked(privateKey) && { passphrase }) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function part(of: unknown, name: string): unknown {
  return typeof of === "object" && of !== null ? (of as Record<string, unknown>)[name] : undefined;
}

function word(of: unknown, name: string): string {
  const value = part(of, name);
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
