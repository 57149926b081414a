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
import { onOtherTab } from "./lib/session";

// A session that has ended, or that another tab began or ended, is noticed by starting afresh: nothing of one person
// stays on the screen of another, and the way back is in the address.
const restart = () => window.location.reload();
const open = ["/sign-in", "/sign-up", "/activate", "/forgot-password", "/reset-password"];
const queries = newQueries(() => {
  if (!open.includes(window.location.pathname) && queries.getQueryData(["session"])) restart();
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
