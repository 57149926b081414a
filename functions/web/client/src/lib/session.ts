import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schema } from "./api";

export type Session = Schema<"Session">;

/** session is who is signed in; its Problem of status 401 means nobody. */
export const session = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => answer<Session>(api.GET("/api/session", { signal })),
  staleTime: 60_000,
});

const channel = new BroadcastChannel("session");

/** tellTabs lets the portal's other tabs know that who is signed in has changed. */
export function tellTabs() {
  channel.postMessage("changed");
}

/** onOtherTab calls back when another tab signed somebody in or out. */
export function onOtherTab(changed: () => void): () => void {
  channel.addEventListener("message", changed);
  return () => channel.removeEventListener("message", changed);
}
