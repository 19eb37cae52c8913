/** Where media is served: by the server that `sfu.url` names, or by this process. The room's side cannot tell. */
import { join } from "node:path";
import { CallsClient } from "@satsuma/calls";
import type { MediaServer } from "@satsuma/rooms";
import { createSfu, type Log, type NodeSfu } from "@satsuma/runtime/node";
import { mediaServer } from "./calls.ts";
import { StartError, variableOf } from "./config.ts";
import { kept } from "./kept.ts";
import type { Settings } from "./settings.ts";
import { turnConfig } from "./turn.ts";

export interface Media {
  /** What the room server asks on behalf of members. */
  readonly server: MediaServer;
  /** What a member's browser is told of the relay, if there is one. */
  readonly relayFor?: NonNullable<NodeSfu["relayFor"]>;
  /** The Calls API for everybody who has the app's secret, if it is served by this process. */
  readonly api?: (request: Request) => Promise<Response>;
  close(): Promise<void>;
}

export async function openMedia(settings: Settings, log: Log): Promise<Media> {
  const { url } = settings.sfu;
  return url === undefined ? embedded(settings, log) : remote(settings.sfu, url);
}

async function embedded(settings: Settings, log: Log): Promise<Media> {
  const { sfu, media, management, data } = settings;
  const turn = turnConfig(settings);
  const id = sfu.app ?? (await kept(data, "sfu-app.id", 16));
  const secret = sfu.secret ?? (await kept(data, "sfu-app.secret", 48));
  const streamKey = await kept(data, "stream-tokens.key", 32);
  const server = await createSfu({
    apps: [{ id, secret }],
    media: {
      port: media.port,
      bindAddress: media.host,
      advertise: media.advertise,
      ...(media.sideDoor !== undefined && { sideDoor: media.sideDoor }),
    },
    workers: media.workers,
    onWorker: ({ event, ...fields }) => log[event === "ended" ? "error" : "info"](`media worker ${event}`, fields),
    // A camera that is off sends nothing and comes back on the same track.
    limits: { silentTrack: undefined },
    ...(management.token !== undefined && {
      management: { token: management.token, file: join(data.folder, "apps.db") },
    }),
    ...(turn && { turn }),
    usageFile: join(data.folder, "usage.db"),
    streamKey: Buffer.from(streamKey, "base64url"),
    onError: (error) => log.error("media server failed", { error }),
  }).catch((error: unknown) => {
    throw portError(error, media.port);
  });
  return {
    // The name is never resolved: the request is handed over in this process.
    server: mediaServer(new CallsClient({ url: "http://media.internal/v1", appId: id, secret, fetch: server.fetch })),
    api: server.fetch,
    ...(server.relayFor && { relayFor: server.relayFor }),
    close: server.close,
  };
}

function remote(sfu: Settings["sfu"], url: string): Media {
  const needed = (key: "app" | "secret") => {
    const value = sfu[key];
    if (value === undefined) throw new StartError(`The media server at sfu.url needs ${variableOf("sfu", key)}.`);
    return value;
  };
  const client = new CallsClient({ url, appId: needed("app"), secret: needed("secret") });
  return { server: mediaServer(client), close: async () => {} };
}

function portError(error: unknown, port: number): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  // That of a media worker may be another than the first.
  const taken = error instanceof Error && "port" in error ? error.port : port;
  const option = variableOf("media", "port");
  if (code === "EADDRINUSE") return new StartError(`UDP port ${taken} is taken; choose another with ${option}.`);
  if (code === "EACCES") return new StartError(`UDP port ${taken} is not allowed here; choose one with ${option}.`);
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return new StartError(
      `This machine has no such address for media; choose another with ${variableOf("media", "host")}.`,
    );
  }
  // Ports that overlap, or end too high.
  if (error instanceof RangeError) return new StartError(`${error.message} Choose them with ${option}.`);
  return error;
}
