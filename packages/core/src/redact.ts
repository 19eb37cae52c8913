/**
 * Takes secrets out of what is about to be logged: bearers, tokens, passwords, credentials, SDP and what stands in it.
 *
 * By name where a value has one, by its look where it stands in text. It is a net under those who log, not a licence:
 * nobody passes a secret on purpose. Too much is taken rather than too little.
 */

const gone = "[redacted]";

/** Names whose value is never shown, written in any of the usual ways: `app_secret`, `appSecret`, `X-Api-Key`. */
const secretName =
  /(secret|token|password|passwd|credential|authorization|cookie|private|apikey|icepwd|iceufrag|fingerprint|candidate)/;
const secretNames = new Set(["key", "pwd", "pass", "sdp", "ufrag", "jwt", "bearer", "auth"]);

/** In text, JSON within text included, where quotes and line ends may be escaped. */
const looks: readonly (readonly [RegExp, string])[] = [
  // A whole description: from its first line on, for as long as lines look like SDP.
  [/v=0(?:(?:\\{1,8}[rn]|[\r\n])+[a-z]=(?:(?!\\{1,8}[rn])[^\r\n"'])*)+(?:\\{1,8}[rn]|[\r\n])*/g, "[SDP]"],
  // Lines of one, alone: ICE and DTLS parameters, and addresses.
  [/\b(ice-pwd|ice-ufrag|fingerprint|crypto|candidate|tls-id):(?:(?!\\{1,8}[rn])[^\r\n"'])+/g, `$1:${gone}`],
  [/\b(Bearer|Basic|Digest)\s+[\w.~+/=-]+/gi, `$1 ${gone}`],
  // JSON Web Tokens.
  [/\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g, gone],
  // Key material in hexadecimal digits: secrets of this stack have 64, credentials of Cloudflare's TURN 96. Ids have 32.
  [/\b[\da-f]{48,}\b/gi, gone],
  // `name=value`, `name: value` and `"name":"value"`.
  [
    /((?:secret|token|password|passwd|credential|api[-_]?key|cookie|jwt)(?:\\{0,8}["'])?\s{0,8}[=:]\s{0,8}(?:\\{0,8}["'])?)[^\s"'&,;\\}]+/gi,
    `$1${gone}`,
  ],
  // Who and with what, in a URL.
  [/\b([a-z][\w+.-]*:\/\/)[^\s/@"']+@/gi, `$1${gone}@`],
];

/** Characters of one text that are looked at; the rest is cut off. */
const longestText = 16_384;
/** Levels of a value that are shown. */
const deepest = 8;

export function redactText(text: string): string {
  let clean = text.slice(0, longestText);
  for (const [look, shown] of looks) clean = clean.replace(look, shown);
  return text.length > longestText ? `${clean}… (${text.length} characters)` : clean;
}

/** The value as plain JSON data without secrets; errors say name, message, code, place and cause. Never throws. */
export function redact(value: unknown): unknown {
  return plain(value, 0, new Set());
}

function plain(value: unknown, depth: number, above: Set<object>): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "function" || typeof value === "symbol") return `[${typeof value}]`;
  if (typeof value !== "object" || value === null) return value;
  if (above.has(value) || depth >= deepest) return "[…]";
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  const inside = new Set(above).add(value);
  const show = (each: unknown) => plain(each, depth + 1, inside);
  try {
    if (Array.isArray(value)) return value.map(show);
    if (value instanceof URL) return redactText(value.href);
    if (value instanceof Set) return [...value].map(show);
    if (value instanceof Map || value instanceof Headers) return fields([...value], show);
    if (value instanceof Error) return fields(errorFields(value), show);
    if (typeof (value as { toJSON?: unknown }).toJSON === "function") {
      return show((value as { toJSON(): unknown }).toJSON());
    }
    return fields(Object.entries(value), show);
  } catch {
    return "[unreadable]"; // A getter or toJSON of somebody else's threw; a log line must not.
  }
}

function fields(entries: readonly (readonly [unknown, unknown])[], show: (value: unknown) => unknown) {
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const key = redactText(String(name));
      return [key, isSecret(key) && value !== undefined && value !== null ? gone : show(value)];
    }),
  );
}

function isSecret(name: string): boolean {
  const word = name.toLowerCase().replace(/[^a-z]/g, "");
  return secretName.test(word) || secretNames.has(word);
}

function errorFields(error: Error): [string, unknown][] {
  const { name, message, stack, cause } = error;
  const own = Object.entries(error).filter(([key]) => !["name", "message", "stack", "cause"].includes(key));
  return [
    ["name", name],
    ["message", message],
    ...own,
    ["stack", stack],
    ...(cause === undefined ? [] : [["cause", cause] as [string, unknown]]),
  ];
}
