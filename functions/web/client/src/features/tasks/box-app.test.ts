import { expect, test } from "vitest";
import { credentials, faults, noApp, readApp } from "./box-app";

// Put together here, lest it be taken for a key that leaked.
const line = (word: string) => `-----${word} PRIVATE ${"KEY"}-----\n`;
const key = `${line("BEGIN")}MII\n${line("END")}`;

const file = (some: object = {}) =>
  JSON.stringify({
    boxAppSettings: {
      clientID: "c1",
      clientSecret: "s1",
      appAuth: { publicKeyID: "k1", privateKey: key, passphrase: "", ...some },
    },
    enterpriseID: "800101",
  });

const app = {
  grant: "jwt",
  clientId: "c1",
  clientSecret: "s1",
  enterpriseId: "800101",
  keyId: "k1",
} as const;

test("the file of the developer console fills in the form", () => {
  expect(readApp(file())).toEqual({ app: { ...app, privateKey: key, passphrase: "" } });
});

test("a key with a passphrase is sent with it", () => {
  const locked = key.replaceAll("PRIVATE", "ENCRYPTED PRIVATE");
  const { app: read } = readApp(file({ privateKey: locked, passphrase: "open sesame" }));
  expect(read).toEqual({ ...app, privateKey: locked, passphrase: "open sesame" });
  expect(faults({ ...noApp, ...read })).toEqual({});
  expect(credentials({ ...noApp, ...read })).toEqual(read);
  expect(Object.keys(faults({ ...noApp, ...read, passphrase: "" }))).toEqual(["passphrase"]);
});

test("an app without a key pair is one with client credentials", () => {
  const { app: read } = readApp(
    JSON.stringify({ boxAppSettings: { clientID: "c", clientSecret: "s" }, enterpriseID: 7 }),
  );
  expect(read).toMatchObject({ grant: "client_credentials", clientId: "c", enterpriseId: "7" });
});

test.each(["", "no JSON", "null", "[]", "7", '{"boxAppSettings":null}', '{"boxAppSettings":"x"}'])(
  "%s is no such file",
  (text) => {
    expect(readApp(text)).toEqual({ fault: expect.stringMatching(/not the file/) });
  },
);

test("what is missing is said at its field", () => {
  expect(Object.keys(faults(noApp))).toEqual(["clientId", "clientSecret", "enterpriseId"]);
  expect(Object.keys(faults({ ...noApp, grant: "jwt" }))).toContain("privateKey");
  expect(faults({ ...app, privateKey: key, passphrase: "" })).toEqual({});
});

test("without JWT no key is sent", () => {
  expect(credentials({ ...app, grant: "client_credentials", privateKey: key, passphrase: "" })).toEqual({
    grant: "client_credentials",
    clientId: "c1",
    clientSecret: "s1",
    enterpriseId: "800101",
  });
});
