/** The relay that the configuration names, with what it needs of Node. */
import { createHmac } from "node:crypto";
import {
  type CloudflareOptions,
  cloudflareRelay,
  type Relay,
  type SharedSecretOptions,
  sharedSecretRelay,
} from "@satsuma/sfu";
import { keyPlatform } from "./apps.ts";
import { now } from "./clock.ts";
import { openTurnUsers, type TurnUsersOptions } from "./turn-users.ts";

/** Three ways to one thing; docs/decisions/0007-turn.md says which is for whom. */
export type TurnConfig =
  | ({ readonly by: "shared-secret" } & SharedSecretOptions)
  | ({ readonly by: "user-database" } & TurnUsersOptions)
  | ({ readonly by: "cloudflare" } & CloudflareOptions);

export interface OpenRelay extends Relay {
  close(): void;
}

/** ms; credentials of a user database end at most this much late. */
const sweepInterval = 30_000;

export function openRelay(config: TurnConfig, onError: (error: unknown) => void): OpenRelay {
  switch (config.by) {
    case "shared-secret":
      return { ...sharedSecretRelay(config, { now, newId: keyPlatform.newId, mac }), close: () => {} };
    case "cloudflare":
      return { ...cloudflareRelay(config), close: () => {} };
    case "user-database": {
      const users = openTurnUsers(config, now);
      const timer = setInterval(() => void users.sweep().catch(onError), sweepInterval).unref();
      return {
        ...users,
        close() {
          clearInterval(timer);
          users.close();
        },
      };
    }
  }
}

function mac(secret: string, text: string): string {
  return createHmac("sha1", secret).update(text).digest("base64");
}
