import { createLazyRoute } from "@tanstack/react-router";
import { Page } from "@/ui/page";

function Home() {
  return <Page title="Homepage">…</Page>;
}

export const route = createLazyRoute("/portal/")({ component: Home });
