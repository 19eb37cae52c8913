import { deserialize, serialize } from "node:v8";
import { isPlain, notCloneable } from "@satsuma/durable";
import { RefusedError } from "@satsuma/protocol";

/**
 * A value as it stands in a row: JSON text where JSON keeps it exactly, V8's structured-clone bytes otherwise.
 *
 * SQLite tells the two apart by their type. JSON is several times faster both ways and readable with any SQLite tool.
 */
export type Stored = string | Uint8Array;

export function encode(value: unknown): Stored {
  if (isPlain(value)) return JSON.stringify(value);
  try {
    return serialize(value);
  } catch (cause) {
    throw notCloneable(cause);
  }
}

/** Bytes are copied first, since V8 makes typed arrays that are views of what it reads. */
export function decode(stored: Stored): unknown {
  try {
    return typeof stored === "string" ? JSON.parse(stored) : deserialize(new Uint8Array(stored));
  } catch (cause) {
    throw new RefusedError("storage-corrupt", "A stored value cannot be read.", { cause });
  }
}

export function size(stored: Stored): number {
  return typeof stored === "string" ? Buffer.byteLength(stored) : stored.byteLength;
}
