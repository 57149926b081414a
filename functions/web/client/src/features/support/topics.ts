import type { ReactNode } from "react";
import { Connecting, Modes, Partial, Places, Sessions, Statuses } from "./answers";

type Topic = { id: string; question: string; Answer: () => ReactNode };

/** topics are what administrators ask, in the order in which they come to it. */
export const topics = [
  { id: "connecting", question: "How do I connect our Box enterprise?", Answer: Connecting },
  { id: "statuses", question: "What do the statuses of a Box user mean?", Answer: Statuses },
  { id: "partial", question: "A backup is Partial. What does it lack?", Answer: Partial },
  { id: "modes", question: "How do the ways to restore differ?", Answer: Modes },
  { id: "places", question: "Where does our data live, and who can read it?", Answer: Places },
  { id: "sessions", question: "Why was I signed out?", Answer: Sessions },
] as const satisfies readonly Topic[];
