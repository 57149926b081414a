import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The web function embeds what is built here, and puts a fresh nonce for styles
// into the page on each request in place of this word (see ../site.go).
export const nonce = "NONCE";

const coffer = `http://localhost:${process.env.PORT ?? 8080}`;

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  html: { cspNonce: nonce },
  build: {
    outDir: "../static/site",
    emptyOutDir: true,
    manifest: true, // the bundle test reads it
    assetsInlineLimit: 0, // the content security policy allows no data: but images
  },
  // `npm run dev` is for working on the portal while `make run` is up.
  server: { proxy: { "/api": coffer, "/_local": coffer } },
  test: { include: ["src/**/*.test.ts"] },
});
