/**
 * The `__session` cookie in which Orange keeps a visitor's name: Remix's cookie session, read and minted.
 *
 *     value = base64(utf8(json)) "." base64(HMAC-SHA256(secret, base64(utf8(json)))) without "="
 *     json  = {"username":"Ann","person":"…","since":1795153156193}
 *
 * `person` and `since` are ours. Orange has no such fields and ignores them; a cookie without them makes everybody of a
 * name one person.
 */
import { nameIn } from "@satsuma/protocol";
import type { Visitor } from "./visitor.ts";

export const sessionCookie = "__session";
const longest = 4_096;
/** Of the platform's own crypto, whose type has another name on each. */
type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

export class Sessions {
  readonly #keys: Promise<readonly Key[]>;

  /** The first secret signs, each of them is believed. */
  constructor(secrets: readonly [string, ...string[]]) {
    this.#keys = Promise.all(secrets.map(keyOf));
  }

  async read(value: string | undefined): Promise<Visitor | undefined> {
    if (value === undefined || value.length > longest) return undefined;
    const dot = value.lastIndexOf(".");
    const data = value.slice(0, dot);
    const signature = bytesOf(value.slice(dot + 1));
    if (dot < 1 || signature === undefined) return undefined;
    for (const key of await this.#keys) {
      if (await crypto.subtle.verify("HMAC", key, signature, encoder.encode(data))) return visitorOf(data);
    }
    return undefined;
  }

  async mint({ name, person, since }: Visitor): Promise<string> {
    const [key] = await this.#keys;
    if (key === undefined) throw new Error("sessions have no secret");
    const data = base64(encoder.encode(JSON.stringify({ username: name, person, since })));
    const signature = await crypto.subtle.sign("HMAC", key, encoder.encode(data));
    return `${data}.${base64(new Uint8Array(signature)).replace(/=+$/, "")}`;
  }
}

const encoder = new TextEncoder();

function keyOf(secret: string): Promise<Key> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign", "verify"]);
}

function visitorOf(data: string): Visitor | undefined {
  const bytes = bytesOf(data);
  if (bytes === undefined) return undefined;
  try {
    const { username, person, since }: Partial<Record<string, unknown>> = JSON.parse(new TextDecoder().decode(bytes));
    const name = typeof username === "string" ? nameIn(username) : undefined;
    if (name === undefined) return undefined;
    return {
      name,
      person: typeof person === "string" && person !== "" ? person : `name ${name}`,
      since: typeof since === "number" ? since : 0,
    };
  } catch {
    // Signed and yet not JSON: another program's cookie under the same secret.
    return undefined;
  }
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
