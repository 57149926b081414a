import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./app/global.css";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Providers } from "./app/providers";
import { newRouter } from "./app/router";
import { styleNonce } from "./lib/nonce";
import { newQueries } from "./lib/queries";
import { writeSearch } from "./lib/search";
import { onOtherTab } from "./lib/session";

// A session that has ended, or that another tab began or ended, is noticed by starting afresh: nothing of one person
// stays on the screen of another, and the way back is in the address. Only the first is worth a word at the sign-in.
const restart = () => window.location.reload();
const open = ["/sign-in", "/sign-up", "/activate", "/forgot-password", "/reset-password"];
const queries = newQueries(() => {
  const { pathname, search } = window.location;
  if (open.includes(pathname) || !queries.getQueryData(["session"])) return;
  const next = pathname + search === "/" ? undefined : pathname + search;
  window.location.replace(`/sign-in${writeSearch({ next, notice: "expired" })}`);
});
onOtherTab(restart);

const root = document.getElementById("root");
if (!root) throw new Error("the page has no root element");
createRoot(root).render(
  <StrictMode>
    <Providers queries={queries} nonce={styleNonce()}>
      <RouterProvider router={newRouter(queries)} />
    </Providers>
  </StrictMode>,
);
