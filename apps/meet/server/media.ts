/** Where media is served: by the server that `sfu.url` names, or by this process. The room's side cannot tell. */
import type { MediaServer } from "@satsuma/rooms";
import { mediaServer } from "@satsuma/runtime/node";
import type { Hono } from "hono";
import { StartError, variableOf } from "./config.ts";
import type { Settings } from "./settings.ts";

export interface Media {
  readonly server: MediaServer;
  /** Adds the Calls API to the public port, if it is served here. */
  mount(app: Hono): void;
  close(): Promise<void>;
}

export async function openMedia({ sfu }: Settings): Promise<Media> {
  if (sfu.url === undefined) throw new StartError(`Set ${variableOf("sfu", "url")}: no media server is built in yet.`);
  for (const key of ["app", "secret"] as const) {
    if (sfu[key] === undefined) throw new StartError(`The media server at sfu.url needs ${variableOf("sfu", key)}.`);
  }
  const { url, app = "", secret = "" } = sfu;
  return { server: mediaServer({ url, appId: app, secret }), mount: () => {}, close: async () => {} };
}
