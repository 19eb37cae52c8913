import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["@satsuma/source"] },
  ssr: { resolve: { conditions: ["@satsuma/source"] } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: [
            "packages/*/src/**/*.test.{ts,tsx}",
            "apps/*/{src,server}/**/*.test.{ts,tsx}",
            "scripts/**/*.test.ts",
          ],
        },
      },
    ],
  },
});
