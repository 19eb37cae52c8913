/** Names of meetings: making one that is easy to say, and finding one in what a person typed or pasted. */
import { limits } from "@satsuma/protocol";

const consonants = "bdfghjklmnprstvwz";
const vowels = "aeiou";

/** Three words of two syllables: 38 bits, so that nobody meets strangers by guessing. */
export function newRoomName(random: (below: number) => number = randomBelow): string {
  const syllable = () => `${consonants[random(consonants.length)]}${vowels[random(vowels.length)]}`;
  return [0, 1, 2].map(() => syllable() + syllable()).join("-");
}

/** The room in a name or in a link to one; undefined if there is none. */
export function roomIn(typed: string): string | undefined {
  const text = typed.trim();
  const path = /^(?:https?:\/\/)?[^/\s]+\/r\/([^/?#]+)/.exec(text)?.[1];
  const name = path === undefined ? text : decoded(path);
  return name !== undefined && isRoomName(name) ? name : undefined;
}

export function isRoomName(name: string): boolean {
  return name.length > 0 && name.length <= limits.roomNameLength && !/[/\p{Cc}]/u.test(name);
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function randomBelow(below: number): number {
  const [value = 0] = crypto.getRandomValues(new Uint32Array(1));
  return value % below;
}
