import { RefusedError } from "@satsuma/protocol";

/** Objects in one value up to which sharing is looked for by comparing each with each. */
const objectsCompared = 16;

/**
 * Whether JSON keeps the value exactly: only plain objects and dense arrays of strings, booleans, null and ordinary
 * numbers, no object twice. May say no for a large value that JSON would keep; never says yes for one it would change.
 */
export function isPlain(value: unknown): boolean {
  // Somebody may have taught every array or object another JSON; an own `toJSON` is a function and found below.
  return !("toJSON" in Array.prototype) && walk(value, []);
}

function walk(value: unknown, seen: object[]): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0);
    case "object":
      return value === null || walkObject(value, seen);
    default:
      return false;
  }
}

function walkObject(value: object, seen: object[]): boolean {
  if (seen.length >= objectsCompared || seen.includes(value)) return false;
  seen.push(value);
  if (Array.isArray(value)) {
    if (Object.keys(value).length !== value.length) return false;
    for (const item of value) if (!walk(item, seen)) return false;
    return true;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  for (const key in value) if (!walk((value as Record<string, unknown>)[key], seen)) return false;
  return true;
}

/** A structured clone, or a refusal with `not-cloneable`. */
export function copy<T>(value: T): T {
  if (value === null || (typeof value !== "object" && typeof value !== "function" && typeof value !== "symbol")) {
    return value;
  }
  try {
    return typeof value === "object" && isFlat(value) ? { ...value } : structuredClone(value);
  } catch (cause) {
    throw notCloneable(cause);
  }
}

export function notCloneable(cause: unknown): RefusedError {
  return new RefusedError("not-cloneable", "The value holds something that cannot be cloned, such as a function.", {
    cause,
  });
}

/** A plain object of primitives alone, which a spread clones: the common message, without structuredClone's price. */
function isFlat(value: object): boolean {
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  for (const key in value) {
    const field = (value as Record<string, unknown>)[key];
    const type = typeof field;
    if (type === "symbol" || type === "function" || (type === "object" && field !== null)) return false;
  }
  return Object.getOwnPropertySymbols(value).length === 0;
}
