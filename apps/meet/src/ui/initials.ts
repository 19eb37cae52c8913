/** What stands for a person without a picture. */

/** The first letters of the first and last word, as graphemes, so that no emoji or accent is cut in half. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const first = firstGrapheme(words[0] ?? "");
  const last = words.length > 1 ? firstGrapheme(words.at(-1) ?? "") : "";
  return (first + last).toLocaleUpperCase();
}

/** Degrees on the colour wheel, from any word, the same for the same word. Ten steps, far enough apart to tell. */
export function hueOf(seed: string): number {
  let sum = 0;
  for (const character of seed) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return 20 + (sum % 10) * 36;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function firstGrapheme(word: string): string {
  for (const { segment } of graphemes.segment(word)) return segment;
  return "";
}
