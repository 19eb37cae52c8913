/** Light, dark, or as the system has it. `public/theme.js` does the same before the first paint. */
import { Kept } from "./kept.ts";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

export const theme = new Kept<Theme>("theme", "system", (kept) => themes.find((known) => known === kept));

/** Follows the setting from now on. */
export function applyTheme(): void {
  const apply = () => {
    const chosen = theme.snapshot();
    const { dataset } = document.documentElement;
    if (chosen === "system") delete dataset.theme;
    else dataset.theme = chosen;
  };
  theme.subscribe(apply);
  apply();
}
