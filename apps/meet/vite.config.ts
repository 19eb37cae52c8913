import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { effects } from "./effects-plugin.ts";

export default defineConfig({
  plugins: [react(), tailwindcss(), effects()],
  // The workspace's own packages are built from their sources.
  resolve: { conditions: ["@satsuma/source", "module", "browser", "development|production"] },
  // One chunk of about 610 kB (180 kB compressed) on purpose: the lobby needs nearly all of it, and a call must not wait
  // for another request. Growth beyond it shows as a warning.
  build: { target: "es2024", sourcemap: true, chunkSizeWarningLimit: 650 },
});
