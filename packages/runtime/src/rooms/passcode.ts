/**
 * Passcodes as they are kept: salted and slow to guess (PBKDF2 with SHA-256, RFC 8018 §5.2), by the crypto that every
 * runtime has. `pbkdf2:<rounds>:<salt>:<hash>`, the bytes as hexadecimal.
 */

/** As many as Workers allow; a few ten milliseconds of one core. The room bounds how often somebody may guess. */
const rounds = 100_000;
const bytes = 32;

export async function hashPasscode(passcode: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  return `pbkdf2:${rounds}:${hex(salt)}:${hex(await derive(passcode, salt, rounds))}`;
}

export async function isPasscode(passcode: string, hash: string): Promise<boolean> {
  const [, rounds = "1", salt = "", expected = ""] = hash.split(":");
  const derived = hex(await derive(passcode, unhex(salt), Number(rounds)));
  // Both are hashes; how long a comparison takes tells nothing of the passcode.
  return derived === expected;
}

async function derive(passcode: string, salt: Uint8Array<ArrayBuffer>, iterations: number): Promise<Uint8Array> {
  const text = new TextEncoder().encode(passcode.normalize("NFC"));
  const key = await crypto.subtle.importKey("raw", text, "PBKDF2", false, ["deriveBits"]);
  return new Uint8Array(
    await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, key, bytes * 8),
  );
}

function hex(some: Uint8Array): string {
  return Array.from(some, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function unhex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
