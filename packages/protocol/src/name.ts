/** Names of people: what of a text can be one, wherever it was typed or pasted. */
import { limits } from "./limits.ts";

/** Ends a line, turns the direction of what follows, or is no letter at all. Joiners stay: scripts and emoji need them. */
const unfit = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
const seen = /[^\p{C}\p{Z}\p{M}\p{Default_Ignorable_Code_Point}]/u;

export function isNameText(text: string): boolean {
  return !unfit.test(text);
}

export function hasSomethingToSee(text: string): boolean {
  return seen.test(text);
}

/**
 * A name as the room takes it: trimmed, without what a name must not hold, of bounded length; undefined if nothing is left
 * to see. Pasted names often carry marks of direction that nobody typed.
 */
export function nameIn(text: string): string | undefined {
  const name = text.replaceAll(new RegExp(unfit, "gu"), "").trim().slice(0, limits.nameLength).toWellFormed();
  return hasSomethingToSee(name) ? name : undefined;
}
