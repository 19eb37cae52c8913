/** About the bytes a structured clone takes when stored: for runtimes that cannot serialize it themselves. */
export function measure(value: unknown, seen: Set<object> = new Set()): number {
  switch (typeof value) {
    case "string":
      return 6 + (isLatin(value) ? value.length : value.length * 2);
    case "number":
      return 9;
    case "bigint":
      return 4 + Math.ceil(value.toString(16).length / 2);
    case "object":
      return value === null ? 1 : measureObject(value, seen);
    default:
      return 1;
  }
}

function measureObject(value: object, seen: Set<object>): number {
  if (seen.has(value)) return 3;
  seen.add(value);
  if (value instanceof ArrayBuffer) return 8 + value.byteLength;
  if (ArrayBuffer.isView(value)) return 12 + measureObject(value.buffer, seen);
  let bytes = 4;
  if (value instanceof Map) {
    for (const [key, each] of value) bytes += measure(key, seen) + measure(each, seen);
  } else if (value instanceof Set) {
    for (const each of value) bytes += measure(each, seen);
  } else if (value instanceof Date) bytes += 9;
  else if (value instanceof RegExp) bytes += measure(value.source, seen);
  else if (value instanceof Error) bytes += measure(value.message, seen) + measure(value.stack, seen);
  else for (const [key, each] of Object.entries(value)) bytes += measure(key, seen) + measure(each, seen);
  return bytes;
}

/** V8 stores a text in one byte a character where it can, and in two otherwise. */
function isLatin(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0xff) return false;
  return true;
}
