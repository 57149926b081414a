import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { theme } from "./theme";

const colorScheme = localStorageColorSchemeManager({ key: "color-scheme" });

/** Providers gives everything below it the look, the cache of what the server said, and notices. */
export function Providers({
  queries,
  nonce,
  children,
}: {
  queries: QueryClient;
  nonce: string;
  children: ReactNode;
}) {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={colorScheme}
      getStyleNonce={() => nonce}
    >
      <Notifications position="top-right" autoClose={6000} />
      <QueryClientProvider client={queries}>{children}</QueryClientProvider>
    </MantineProvider>
  );
}
