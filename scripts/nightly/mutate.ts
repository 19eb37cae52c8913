/** Changes that a hostile or broken peer might make: to texts, to bytes, and to what JSON says. */
import type { Chance } from "@satsuma/testkit";

const words: readonly [string, ...string[]] = [
  "\r\n",
  "\n",
  "\r",
  "m=",
  "a=",
  "v=0",
  " ",
  ":",
  ";",
  "/",
  "=",
  "*",
  "0",
  "-1",
  "65536",
  "4294967296",
  "1e9",
  "NaN",
  "__proto__",
  "constructor",
  "\u0000",
  "é",
  "\ud800",
  "{",
  "}",
  "[",
  "]",
  '"',
  "\\",
  "null",
  "true",
  "a=mid:0",
  "m=audio 9 X 0",
  "a=rtpmap:0 x/1",
  "a=rtcp-fb:* nack",
  "a=ice-lite",
];

/** Characters of a mutated text at the most. */
const longest = 65_536;

export function mutateText(text: string, chance: Chance): string {
  let mutated = text;
  for (let changes = 1 + chance.below(6); changes > 0; changes -= 1) {
    const at = chance.below(mutated.length + 1);
    const length = chance.below(chance.oneIn(8) ? 2_000 : 60);
    const [head, part, tail] = [mutated.slice(0, at), mutated.slice(at, at + length), mutated.slice(at + length)];
    switch (chance.below(6)) {
      case 0:
        mutated = head + tail;
        break;
      case 1:
        mutated = head + chance.pick(words) + part + tail;
        break;
      case 2:
        mutated = head + part.repeat(1 + chance.below(chance.oneIn(10) ? 200 : 4)) + tail;
        break;
      case 3:
        mutated = head + tail + part;
        break;
      case 4:
        mutated = head + chance.pick(words).repeat(1 + chance.below(chance.oneIn(10) ? 500 : 3)) + tail;
        break;
      default:
        mutated = head + String.fromCharCode(chance.below(0x1_0000)) + part.slice(1) + tail;
    }
  }
  return mutated.slice(0, longest);
}

export function mutateBytes(bytes: Uint8Array, chance: Chance): Uint8Array {
  let mutated = bytes.slice();
  for (let changes = 1 + chance.below(6); changes > 0; changes -= 1) {
    const at = chance.below(mutated.length);
    switch (chance.below(4)) {
      case 0:
        mutated = mutated.slice(0, at);
        break;
      case 1:
        if (at < mutated.length) mutated[at] = chance.uint32();
        break;
      case 2:
        if (at < mutated.length) mutated[at] = (mutated[at] ?? 0) ^ (1 << chance.below(8));
        break;
      default:
        mutated = Uint8Array.of(...mutated.subarray(0, at), ...chance.bytes(chance.below(24)), ...mutated.subarray(at));
    }
  }
  return mutated;
}

/** A value with parts taken out, exchanged, or made too many. */
export function mutateValue(value: unknown, chance: Chance, depth = 0): unknown {
  if (chance.oneIn(8)) return oddValue(chance, depth);
  if (Array.isArray(value)) {
    const items = value.flatMap((item) => (chance.oneIn(10) ? [] : [mutateValue(item, chance, depth + 1)]));
    if (chance.oneIn(8)) return Array.from({ length: chance.below(80) }, () => items[0]);
    return items;
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).flatMap(([key, part]): [string, unknown][] => {
      if (chance.oneIn(12)) return [];
      return [[chance.oneIn(30) ? chance.pick(words) : key, mutateValue(part, chance, depth + 1)]];
    });
    return Object.fromEntries(entries);
  }
  return value;
}

function oddValue(chance: Chance, depth: number): unknown {
  switch (chance.below(10)) {
    case 0:
      return null;
    case 1:
      return chance.uint32() - 2 ** 31;
    case 2:
      return chance.below(100) / 7;
    case 3:
      return chance.oneIn(2);
    case 4:
      return chance.pick(words).repeat(chance.below(300));
    case 5:
      return [];
    case 6:
      return depth > 20 ? {} : { nested: oddValue(chance, depth + 1) };
    case 7:
      return depth > 20 ? [] : [oddValue(chance, depth + 1)];
    case 8:
      return "";
    default:
      return chance.pick(words);
  }
}
