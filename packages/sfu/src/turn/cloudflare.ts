/** Cloudflare's TURN service: our credentials are theirs, made and revoked by their API under one key of the operator. */
import { type Fetch, request } from "@satsuma/core";
import { type IceServer, RefusedError } from "@satsuma/protocol";
import type { Relay } from "./relay.ts";

export interface CloudflareOptions {
  /** `https://rtc.live.cloudflare.com/v1` by default. */
  readonly url?: string;
  readonly keyId: string;
  readonly token: string;
  readonly fetch?: Fetch;
}

export function cloudflareRelay(options: CloudflareOptions): Relay {
  const { url = "https://rtc.live.cloudflare.com/v1", keyId, token, fetch } = options;
  const ask = (operation: string, path: string, body?: unknown) =>
    request({
      operation: `turn ${operation}`,
      method: "POST",
      url: `${url}/turn/keys/${encodeURIComponent(keyId)}/credentials/${path}`,
      headers: { authorization: `Bearer ${token}` },
      ...(body !== undefined && { body }),
      ...(fetch && { fetch }),
    });
  return {
    async issue({ ttl, identifier }) {
      const wish = { ttl, ...(identifier !== undefined && { customIdentifier: identifier }) };
      const { status, body } = await ask("generate", "generate-ice-servers", wish);
      const servers = status === 201 ? readServers(body) : undefined;
      if (servers === undefined) throw unavailable(status);
      return servers;
    },
    async revoke(_, username) {
      const { status } = await ask("revoke", `${encodeURIComponent(username)}/revoke`);
      if (status === 404) throw new RefusedError("not_found", "There are no such credentials.");
      if (status !== 204) throw unavailable(status);
    },
    async forget() {
      // Their API has no list of what was issued; it all ends with its time.
    },
  };
}

function readServers(body: unknown): IceServer[] | undefined {
  const servers = (body as { iceServers?: unknown } | undefined)?.iceServers;
  if (!Array.isArray(servers)) return undefined;
  return servers.map((server: Partial<IceServer>) => ({
    urls: [server.urls ?? []].flat().map(String),
    ...(server.username !== undefined && { username: String(server.username) }),
    ...(server.credential !== undefined && { credential: String(server.credential) }),
  }));
}

function unavailable(status: number): RefusedError {
  return new RefusedError("temporarily_unavailable_error", "The relay's service gave no credentials.", {
    cause: new Error(`It answered ${status}.`),
  });
}
