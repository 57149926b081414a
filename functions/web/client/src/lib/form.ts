import { toProblem } from "./problem";

type Errors = Record<string, unknown>;

type Form = {
  setErrors: (errors: Record<string, string>) => void;
  getInputNode: (path: string) => HTMLElement | null;
};

/** focusFirst moves to the first field that has an error: what a form does that will not be sent. */
export function focusFirst(form: Pick<Form, "getInputNode">) {
  return (errors: Errors) => {
    const fields = Object.keys(errors).map((name) => form.getInputNode(name));
    const inOrder = fields
      .filter((f) => f !== null)
      .sort((a, b) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
    inOrder[0]?.focus();
  };
}

/** tell puts what the server refused at the fields of a form, and moves to the first of them. */
export function tell(form: Form) {
  return (error: unknown) => {
    const errors = toProblem(error).fields();
    form.setErrors(errors);
    focusFirst(form)(errors);
  };
}

/** beyond returns an error that is about none of a form's fields: what is to be shown beside its button. */
export function beyond(error: unknown, fields: readonly string[]): unknown {
  return error && fields.some((name) => toProblem(error).field(name)) ? null : error;
}
