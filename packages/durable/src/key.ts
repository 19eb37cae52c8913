import { RefusedError } from "@satsuma/protocol";
import { limits } from "./limits.ts";

/** Keys that begin so belong to the actor's own bookkeeping; `list` does not show them and handlers cannot touch them. */
export const reserved = "__satsuma:";

const encoder = new TextEncoder();

export function utf8Bytes(text: string): number {
  return encoder.encode(text).byteLength;
}

export function checkName(name: string): void {
  const isLong = name.length * 3 > limits.nameBytes && utf8Bytes(name) > limits.nameBytes;
  if (name !== "" && !isLong && name.isWellFormed()) return;
  throw new RefusedError("bad-argument", `An actor's name has 1 to ${limits.nameBytes} bytes of well-formed Unicode.`);
}

/** Throws `bad-argument` or `too-large` unless the key may be stored. */
export function checkKey(key: unknown): asserts key is string {
  if (typeof key !== "string") throw new RefusedError("bad-argument", `A key must be a string, not ${typeof key}.`);
  if (key.startsWith(reserved))
    throw new RefusedError("bad-argument", `Keys that begin with ${reserved} are reserved.`);
  if (!key.isWellFormed()) throw new RefusedError("bad-argument", "A key must be well-formed Unicode.");
  // A UTF-16 unit takes three bytes at most, so short keys need no counting.
  if (key.length * 3 > limits.keyBytes && utf8Bytes(key) > limits.keyBytes) {
    throw new RefusedError("too-large", `A key may have ${limits.keyBytes} bytes; this one has ${utf8Bytes(key)}.`);
  }
}

/** Orders keys by their UTF-8 bytes, which is by code point and not by UTF-16 unit. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    // Surrogates stand for code points above U+FFFF and so follow the units E000–FFFF that are greater as numbers.
    return rank(left) - rank(right);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** The least key that is greater than every key with this prefix, or undefined where there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === 0x10ffff) continue;
    points.push(last === 0xd7ff ? 0xe000 : last + 1);
    return String.fromCodePoint(...points);
  }
  return undefined;
}
