/** Which relay the settings name: coturn by a shared secret or by its user database, or Cloudflare's; or none. */
import type { TurnConfig } from "@satsuma/runtime/node";
import { StartError, variableOf } from "./config.ts";
import type { Settings } from "./settings.ts";

export function turnConfig({ turn }: Settings): TurnConfig | undefined {
  const { urls, secret, database, realm, cliHost, cliPort, cliPassword, cloudflareKey, cloudflareToken } = turn;
  const named = [secret, database, cloudflareKey].filter((value) => value !== undefined).length;
  if (named === 0) return undefined;
  if (named > 1) throw new StartError("Settings of turn name more than one relay: secret, database or cloudflareKey.");
  if (cloudflareKey !== undefined) {
    return { by: "cloudflare", keyId: cloudflareKey, token: needed(cloudflareToken, "cloudflareToken") };
  }
  const known = needed(urls, "urls");
  if (secret !== undefined) return { by: "shared-secret", urls: known, secret };
  return {
    by: "user-database",
    urls: known,
    file: needed(database, "database"),
    realm: needed(realm, "realm"),
    ...(cliPassword !== undefined && { cli: { host: cliHost, port: cliPort, password: cliPassword } }),
  };
}

function needed<T>(value: T | undefined, key: string): T {
  if (value === undefined) throw new StartError(`The relay of turn needs ${variableOf("turn", key)}.`);
  return value;
}
