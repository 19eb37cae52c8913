/** Which language the app speaks: the one chosen, or the first of the browser's that there is. */
import { Kept, useKept } from "../settings/kept.ts";
import { de } from "./de.ts";
import { en, type Text } from "./en.ts";

const catalogue = { en, de } as const satisfies Record<string, Text>;
export type Language = keyof typeof catalogue;
export const languages = Object.keys(catalogue) as Language[];

export const language = new Kept<Language>("language", preferred(), known);

export function useText(): Text {
  return catalogue[useKept(language)];
}

export function nameOfLanguage(which: Language): string {
  return catalogue[which].language;
}

/** Tells the page's language to screen readers and hyphenation from now on. */
export function applyLanguage(): void {
  const apply = () => {
    document.documentElement.lang = language.snapshot();
  };
  language.subscribe(apply);
  apply();
}

function preferred(): Language {
  for (const tag of navigator.languages) {
    const found = known(tag.split("-")[0]);
    if (found) return found;
  }
  return "en";
}

function known(word: unknown): Language | undefined {
  return languages.find((one) => one === word);
}
