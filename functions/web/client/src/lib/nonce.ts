import { setNonce } from "get-nonce";

/**
 * styleNonce returns the nonce that the page's content security policy allows styles by. Vite leaves it in a meta
 * element, the web function makes a new one for each request.
 */
export function styleNonce(): string {
  const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";
  setNonce(nonce); // for the dialogs' scroll lock, which writes a style of its own
  return nonce;
}
