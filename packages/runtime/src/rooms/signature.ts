/**
 * How a webhook is signed: `Satsuma-Signature: t=<seconds since the epoch>,v1=<hex>`, where the hex is HMAC-SHA-256 of
 * `<t>.<body>` under the endpoint's secret. A receiver computes the same and turns away what is older than five minutes,
 * so that a request that somebody has recorded is of no use to them.
 */
export async function sign(secret: string, body: string, now: number): Promise<string> {
  const time = Math.floor(now / 1_000);
  const text = new TextEncoder();
  const hash = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", text.encode(secret), hash, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, text.encode(`${time}.${body}`)));
  const hex = Array.from(signature, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `t=${time},v1=${hex}`;
}
