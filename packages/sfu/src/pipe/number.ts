/** The number of a server in the ids that it gives: two hexadecimal digits at their beginning. */

/** Servers that ids can tell apart. */
export const mostServers = 64;

const id = /^[\da-f]{32}$/;

/** An id of server `number`, made of one that is unguessable: 120 bits of chance are left. */
export function numbered(unguessable: string, number: number): string {
  return `${number.toString(16).padStart(2, "0")}${unguessable.slice(2)}`;
}

/** The number in an id; undefined for what is no id, or names none of `count` servers. */
export function numberIn(text: string, count: number): number | undefined {
  if (!id.test(text)) return undefined;
  const number = Number.parseInt(text.slice(0, 2), 16);
  return number < count ? number : undefined;
}
