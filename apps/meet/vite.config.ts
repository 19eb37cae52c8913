import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  // The workspace's own packages are built from their sources.
  resolve: { conditions: ["@satsuma/source", "module", "browser", "development|production"] },
  build: { target: "es2024", sourcemap: true },
});
