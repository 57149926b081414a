/** Days such as 2026-11-23, as date inputs have them, in the viewer's zone. */

/** startOf returns the moment at which a day begins. */
export function startOf(day: string): Date {
  return new Date(`${day}T00:00:00`);
}

/** endOf returns the moment at which a day is over and the next begins; days may be longer or shorter than 24 h. */
export function endOf(day: string): Date {
  const end = startOf(day);
  end.setDate(end.getDate() + 1);
  return end;
}

/** daysBefore returns the day that was so many days before now. */
export function daysBefore(days: number, now: Date): string {
  const d = new Date(now.getFullYear(), now.getMonth(), now.getDate() - days);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${String(d.getFullYear()).padStart(4, "0")}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}
