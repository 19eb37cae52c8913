import type { Stored } from "./codec.ts";

/**
 * How to put one row back to what it was before a change.
 *
 * Most changes touch a little of a text, so a long text that replaced a text is undone by a patch: how many of the new text's
 * first and last characters stay, and what stood between them. Everything else holds the old value whole.
 *
 * Undos are written one after the other, each as
 *
 *   kind actor "," first "," last "," key length "," body length ":" key body
 *
 * where kind is one of a (absent before), t (text), b (bytes, in base64) and p (patch), and lengths are in UTF-16 units.
 * JSON would quote every quotation mark of the JSON inside, which costs more than the rest of a write.
 */
export interface Undo {
  readonly kind: "a" | "t" | "b" | "p";
  readonly actor: number;
  readonly key: string;
  readonly body: string;
  readonly first: number;
  readonly last: number;
}

/** Shorter texts are kept whole: comparing them costs more than what compression leaves of them. */
const patchedFrom = 1_000;

export function written(actor: number, key: string, before: Stored | undefined, after: Stored | undefined): string {
  if (before === undefined) return text("a", actor, key, "", 0, 0);
  if (typeof before !== "string") return text("b", actor, key, Buffer.from(before).toString("base64"), 0, 0);
  if (typeof after !== "string" || before.length < patchedFrom) return text("t", actor, key, before, 0, 0);
  const shorter = Math.min(before.length, after.length);
  let first = 0;
  while (first < shorter && before.charCodeAt(first) === after.charCodeAt(first)) first++;
  if (isFirstHalf(before.charCodeAt(first - 1))) first--;
  const most = shorter - first;
  let last = 0;
  while (last < most && before.charCodeAt(before.length - 1 - last) === after.charCodeAt(after.length - 1 - last))
    last++;
  if (isFirstHalf(before.charCodeAt(before.length - 1 - last))) last--;
  return text("p", actor, key, before.slice(first, before.length - last), first, last);
}

export function* read(undos: string): Generator<Undo> {
  for (let at = 0; at < undos.length; ) {
    const colon = undos.indexOf(":", at);
    const numbers = undos
      .slice(at + 1, colon)
      .split(",")
      .map(Number);
    const [actor = 0, first = 0, last = 0, keyLength = 0, bodyLength = 0] = numbers;
    const body = colon + 1 + keyLength;
    const kind = undos.charAt(at) as Undo["kind"];
    at = body + bodyLength;
    yield { kind, actor, key: undos.slice(colon + 1, body), body: undos.slice(body, at), first, last };
  }
}

export function undone({ kind, body, first, last }: Undo, after: Stored | undefined): Stored | undefined {
  switch (kind) {
    case "a":
      return undefined;
    case "t":
      return body;
    case "b":
      return Buffer.from(body, "base64");
    case "p": {
      const whole = String(after);
      return whole.slice(0, first) + body + whole.slice(whole.length - last);
    }
  }
}

function text(kind: Undo["kind"], actor: number, key: string, body: string, first: number, last: number): string {
  return `${kind}${actor},${first},${last},${key.length},${body.length}:${key}${body}`;
}

/** A character of two units must not be cut, since half of one cannot be stored. */
function isFirstHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
