import type { components } from "./schema";

type Detail = components["schemas"]["ErrorDetail"];

/** Problem is an error that a person may read: what the API answered, or that it could not be reached. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    /** HTTP status; 0 when there was no answer. */
    readonly status: number,
    message: string,
    private readonly details: readonly Detail[] = [],
  ) {
    super(message);
  }

  /** field returns what is wrong with the field of that name, such as "label" for "body.label". */
  field(name: string): string | undefined {
    return this.details.find((d) => d.location?.split(".").at(-1) === name)?.message;
  }

  /** fields returns all messages by field name, for a form. */
  fields(): Record<string, string> {
    return Object.fromEntries(
      this.details.flatMap((d) =>
        d.location && d.message ? [[d.location.split(".").at(-1), d.message]] : [],
      ),
    );
  }
}

const unreachable = "Coffer cannot be reached. Check your connection; this page tries again by itself.";

/** toProblem makes any error one that can be shown. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, unreachable);
}

/** parseProblem reads an RFC 9457 problem document from an answer's body. */
export function parseProblem(status: number, body: unknown): Problem {
  const unknown = new Problem(status, "Something went wrong on our side. Try again in a moment.");
  if (typeof body !== "object" || body === null || !("detail" in body) || typeof body.detail !== "string")
    return unknown;
  const errors = "errors" in body && Array.isArray(body.errors) ? (body.errors as Detail[]) : [];
  return new Problem(status, body.detail, errors);
}
