/** Without a sign of the person for this long, in milliseconds, what the page asks it asks by itself. */
const patience = 60_000;

const signs = ["keydown", "pointerdown", "pointermove", "wheel"];

/** watch reports whether anybody is at the page: whether there was a sign of them within the last minute. */
export function watch(page: EventTarget, now: () => number = Date.now): () => boolean {
  let last = now();
  for (const sign of signs)
    page.addEventListener(sign, () => (last = now()), { passive: true, capture: true });
  return () => now() - last < patience;
}
