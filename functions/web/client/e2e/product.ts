import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { adminState, adminStateFile, email, prepare } from "./admin";

const root = join(import.meta.dirname, "../../../..");
const coffer = join(root, "dist/local/coffer");
const startTime = 120_000;

/**
 * The tests run against the whole product: the one that PRODUCT and PASSWORD name, or a new one with a simulated Box
 * and a demo administrator whose first backup is done. Tests find it in the environment.
 */
export default async function start() {
  const stop = process.env.PRODUCT ? async () => {} : await launch();
  await mkdir(join(adminStateFile, ".."), { recursive: true });
  await writeFile(adminStateFile, JSON.stringify(await adminState()));
  await prepare();
  return stop;
}

async function launch() {
  const data = await scratch("coffer-browser");
  const env = { ...process.env, PORT: await freePort(), BOX_PORT: await freePort(), DATA: data, IMPORT: "" };
  const child = spawn(coffer, ["run"], { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  child.on("error", (err) => {
    throw new Error(`${coffer} cannot be started (make local builds it): ${err.message}`);
  });
  const said: string[] = [];
  const password = await ready(child, said).catch(async (err: Error) => {
    child.kill("SIGKILL");
    await rm(data, { recursive: true, force: true });
    throw new Error(`${err.message}\n${said.join("\n")}`);
  });
  process.env.PRODUCT = `http://localhost:${env.PORT}`;
  process.env.BOX = `http://localhost:${env.BOX_PORT}`;
  process.env.PASSWORD = password;
  return async () => {
    const exited = once(child, "exit");
    child.kill("SIGINT");
    await exited;
    await rm(data, { recursive: true, force: true });
  };
}

/** scratch makes a temporary folder, and removes those of the kind whose processes have ended. */
async function scratch(kind: string): Promise<string> {
  for (const name of await readdir(tmpdir())) {
    const owner = name.startsWith(`${kind}-`) ? Number(name.split("-").at(-2)) : Number.NaN;
    if (owner > 0 && !runs(owner)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
  return mkdtemp(join(tmpdir(), `${kind}-${process.pid}-`));
}

function runs(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (err) {
    return (err as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** ready waits until the product says how to sign in, and returns the password. */
function ready(child: ChildProcess, said: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`Coffer is not ready after ${startTime / 1000} s.`)),
      startTime,
    );
    const { stdout, stderr } = child;
    if (!stdout || !stderr) throw new Error("Coffer has no output");
    createInterface(stderr).on("line", (line) => said.push(line));
    createInterface(stdout).on("line", (line) => {
      said.push(line);
      const password = line.match(/with password\s+(\S+)/)?.[1];
      if (!password) return;
      clearTimeout(late);
      resolve(password);
    });
    child.once("exit", (code) =>
      reject(new Error(`Coffer ended with ${code} before ${email} could sign in.`)),
    );
  });
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return String(address.port);
}
