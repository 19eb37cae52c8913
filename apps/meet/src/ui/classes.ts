/** Joins class names; what is not a string is left out. */
export function classes(...names: (string | false | undefined)[]): string {
  return names.filter((name) => typeof name === "string").join(" ");
}
