/** Room tokens with the keys that the settings name: the one that signs, and those whose tokens still hold. */
import { now, RoomTokens } from "@satsuma/runtime/node";
import { StartError, variableOf } from "./config.ts";
import { kept } from "./kept.ts";
import type { Settings } from "./settings.ts";

export async function roomTokens({ tokens, data }: Settings): Promise<RoomTokens> {
  const { keyId, ttl, earlier = [] } = tokens;
  const key = tokens.key ?? (await kept(data, "room-tokens.key", 32));
  const before = earlier.map(named);
  const ids = [keyId, ...before.map(({ id }) => id)];
  if (new Set(ids).size < ids.length) {
    const options = `${variableOf("tokens", "keyId")} and ${variableOf("tokens", "earlier")}`;
    throw new StartError(`Two keys of room tokens have the same name, or none; see ${options}.`);
  }
  const settings = { key: bytesOf(key), ttl, earlier: before, ...(keyId !== undefined && { keyId }) };
  return new RoomTokens(settings, now);
}

function named(text: string): { id: string | undefined; key: Uint8Array } {
  const colon = text.indexOf(":");
  return { id: text.slice(0, colon) || undefined, key: bytesOf(text.slice(colon + 1)) };
}

function bytesOf(key: string): Uint8Array {
  return Buffer.from(key, "base64url");
}
