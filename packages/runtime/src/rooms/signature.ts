/**
 * How a webhook is signed: `Satsuma-Signature: t=<seconds since the epoch>,v1=<hex>`, where the hex is HMAC-SHA-256 of
 * `<t>.<body>` under the endpoint's secret. While a secret is being replaced there are two such words, of the new one and
 * of the old; either is enough. A receiver computes the same and turns away what is older than five minutes, so that a
 * request that somebody has recorded is of no use to them.
 */
export async function sign(secrets: readonly string[], body: string, now: number): Promise<string> {
  const time = Math.floor(now / 1_000);
  const signatures = await Promise.all(secrets.map((secret) => hmac(secret, `${time}.${body}`)));
  return [`t=${time}`, ...signatures.map((hex) => `v1=${hex}`)].join(",");
}

async function hmac(secret: string, said: string): Promise<string> {
  const text = new TextEncoder();
  const hash = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", text.encode(secret), hash, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, text.encode(said)));
  return Array.from(signature, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
