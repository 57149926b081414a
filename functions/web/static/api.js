// Calls of the API. A refusal is thrown as a Problem, whose message may be
// shown; 401 goes to the sign-in page.

export class Problem extends Error {
  constructor(status, document) {
    super(document.detail || "The server could not be understood.");
    this.status = status;
    this.fields = document.errors || [];
  }
}

let onSignedOut = () => {};
export const whenSignedOut = (f) => { onSignedOut = f; };

async function call(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Problem(0, { detail: "The server cannot be reached. Check your connection and try again." });
  }
  const text = await response.text();
  let answer = {};
  try { answer = text ? JSON.parse(text) : {}; } catch { /* not from the API: the status says enough */ }
  if (response.ok) return answer;
  if (response.status === 401 && path !== "/api/session") onSignedOut();
  throw new Problem(response.status, answer);
}

export const get = (path, query = {}) => {
  const given = Object.entries(query).filter(([, v]) => v !== "" && v !== undefined);
  return call("GET", given.length ? `${path}?${new URLSearchParams(given)}` : path);
};
export const post = (path, body) => call("POST", path, body);
export const patch = (path, body) => call("PATCH", path, body);
export const remove = (path) => call("DELETE", path);
