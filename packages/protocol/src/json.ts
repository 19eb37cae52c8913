/** What came as JSON may be nested deeper than whoever writes it again has stack for. */

/** Objects and lists inside one another. A value that is nested deeper is looked at no further. */
export function isFlatterThan(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isFlatterThan(inner, depth - 1));
}
