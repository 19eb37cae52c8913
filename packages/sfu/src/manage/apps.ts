/** Which apps there are, as the Calls API asks: apps of the configuration, and apps that are made while the server runs. */
import { sameSecret } from "../api/secret.ts";
import type { SfuConfig } from "../config.ts";
import type { Keys } from "./keys.ts";

export interface Apps {
  knows(app: string): boolean;
  /** Whether `secret` is one of the app's. */
  admits(app: string, secret: string): boolean;
}

/** A configured app goes before one of the same id in `keys`. */
export function appsOf(fixed: SfuConfig["apps"], keys?: Keys): Apps {
  const secrets = new Map(fixed.map(({ id, secret }) => [id, secret]));
  return {
    knows: (app) => secrets.has(app) || keys?.get("app", app) !== undefined,
    admits(app, secret) {
      const expected = secrets.get(app);
      return expected === undefined ? (keys?.admits("app", app, secret) ?? false) : sameSecret(secret, expected);
    },
  };
}
