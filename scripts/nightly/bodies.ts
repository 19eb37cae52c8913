/** JSON bodies of every endpoint, alone and through the whole API. */
import {
  errors,
  parseCloseAdapters,
  parseCloseTracks,
  parseDataChannels,
  parseEstablish,
  parseKeyRequest,
  parseNewAdapters,
  parseNewSession,
  parseRenegotiate,
  parseRotateRequest,
  parseTracks,
  parseTurnRequest,
  parseUpdateTracks,
  type Result,
} from "@satsuma/protocol";
import type { Chance } from "@satsuma/testkit";
import { createApi } from "../../packages/sfu/src/index.ts";
import { World } from "../../packages/sfu/test/world.ts";
import { promise, type Target } from "./case.ts";
import { mutateBytes, mutateText, mutateValue } from "./mutate.ts";
import { offerOf } from "./offer.ts";

const offer = { type: "offer", sdp: offerOf(1) };
const track = { location: "local", mid: "0", trackName: "mic", kind: "audio", bidirectionalMediaStream: true };
const pull = {
  location: "remote",
  sessionId: "SESSION",
  trackName: "mic",
  simulcast: { preferredRid: "h", priorityOrdering: "none" },
};
const channel = { location: "local", dataChannelName: "chat", ordered: true, maxRetransmits: 3 };
const listener = {
  location: "remote",
  sessionId: "SESSION",
  dataChannelName: "chat",
  canReply: true,
  waitForAck: true,
};
const adapter = { location: "local", trackName: "tts", endpoint: "wss://example.com/", inputCodec: "pcm" };

interface Endpoint {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly parse?: (body: string) => Result<unknown>;
  readonly bodies: readonly [object, ...object[]];
}

const endpoints: readonly [Endpoint, ...Endpoint[]] = [
  { method: "POST", path: "sessions/new", parse: parseNewSession, bodies: [{ sessionDescription: offer }] },
  {
    method: "POST",
    path: "sessions/SESSION/tracks/new",
    parse: parseTracks,
    bodies: [
      { tracks: [track], sessionDescription: offer },
      { autoDiscover: true, sessionDescription: offer },
      { tracks: [track] },
      { tracks: [pull] },
      { tracks: [{ ...pull, mid: "#mic" }] },
      { tracks: [pull], sessionDescription: offer },
    ],
  },
  {
    method: "PUT",
    path: "sessions/SESSION/renegotiate",
    parse: parseRenegotiate,
    bodies: [{ sessionDescription: { ...offer, type: "answer" } }],
  },
  {
    method: "PUT",
    path: "sessions/SESSION/tracks/close",
    parse: parseCloseTracks,
    bodies: [
      { tracks: [{ mid: "0" }], force: true },
      { tracks: [{ mid: "0" }], force: false, sessionDescription: offer },
    ],
  },
  {
    method: "PUT",
    path: "sessions/SESSION/tracks/update",
    parse: parseUpdateTracks,
    bodies: [{ tracks: [{ ...pull, mid: "0" }] }],
  },
  {
    method: "POST",
    path: "sessions/SESSION/datachannels/establish",
    parse: parseEstablish,
    bodies: [{ dataChannel: { location: "remote", dataChannelName: "server-events" } }],
  },
  {
    method: "POST",
    path: "sessions/SESSION/datachannels/new",
    parse: parseDataChannels,
    bodies: [{ dataChannels: [channel] }, { dataChannels: [listener] }],
  },
  {
    method: "PUT",
    path: "sessions/SESSION/datachannels/update",
    parse: parseDataChannels,
    bodies: [{ dataChannels: [listener] }],
  },
  {
    method: "PUT",
    path: "sessions/SESSION/datachannels/close",
    parse: parseDataChannels,
    bodies: [{ dataChannels: [{ id: 1 }] }],
  },
  { method: "GET", path: "sessions/SESSION", bodies: [{}] },
];

type Parser = (body: string) => Result<unknown>;
const parsers: readonly [readonly [Parser, object], ...(readonly [Parser, object])[]] = [
  [parseNewAdapters, { tracks: [adapter, { ...pull, endpoint: "ws://example.com/", outputCodec: "pcm" }] }],
  [parseCloseAdapters, { tracks: [{ adapterId: "0".repeat(32) }] }],
  [parseKeyRequest, { name: "app" }],
  [parseRotateRequest, { overlap: 60 }],
  [parseTurnRequest, { ttl: 600, customIdentifier: "me" }],
  ...endpoints.flatMap(({ parse, bodies }) =>
    parse === undefined ? [] : bodies.map((body) => [parse, body] as const),
  ),
];

/** A body that means something, or nearly, or not at all. */
function bodyOf(like: object, chance: Chance): string {
  const text = JSON.stringify(chance.oneIn(5) ? like : mutateValue(like, chance));
  return chance.oneIn(3) ? mutateText(text, chance) : text;
}

export const bodies: readonly Target[] = [
  {
    name: "body",
    weight: 35,
    prepare(chance) {
      const [parse, like] = chance.pick(parsers);
      const body = bodyOf(like, chance);
      return () => {
        const result = parse(body);
        if (result.ok) {
          promise((JSON.stringify(result.value) ?? "").length <= 6 * body.length + 100, "no more is kept than came");
          return;
        }
        const { code, message } = result.refusal;
        promise(
          Object.hasOwn(errors, code) && message.length < 300,
          "a refusal has a code of the table and a short sentence",
        );
      };
    },
  },
  {
    name: "session",
    weight: 2,
    prepare(chance) {
      const calls = Array.from({ length: 1 + chance.below(8) }, () => {
        const endpoint = chance.pick(endpoints);
        const like = chance.pick(endpoint.bodies);
        return {
          endpoint,
          body: chance.oneIn(2) ? JSON.stringify(like) : bodyOf(like, chance),
          query: chance.pick(["", "?thirdparty=true", "?correlationId=%ff", "?"]),
          message: mutateBytes(new TextEncoder().encode("hello"), chance),
          channel: chance.below(4),
        };
      });
      const begun = !chance.oneIn(10);
      const wait = chance.below(200);
      return async () => {
        const world = new World({ callsPerSecond: 1_000, connectWait: 0, sourceWait: 0 });
        const thrown: unknown[] = [];
        const api = createApi(world.sfu, {
          apps: [{ id: "app", secret: "s" }],
          onError: (error) => thrown.push(error),
        });
        let session = begun ? (await world.sfu.newSession("app", undefined)).id : "0".repeat(32);
        for (const { endpoint, body, query, message, channel: id } of calls) {
          const url = `http://sfu/apps/app/${endpoint.path.replace("SESSION", session)}${query}`;
          const headers = { authorization: "Bearer s" };
          const text = body.replaceAll("SESSION", session);
          const { method } = endpoint;
          const response = await api.fetch(
            new Request(url, method === "GET" ? { method, headers } : { method, headers, body: text }),
          );
          const answer = (await response.json()) as { sessionId?: string; errorCode?: string };
          promise(
            response.status < 500 || answer.errorCode === "temporarily_unavailable_error",
            "no call makes the server fail",
          );
          promise(thrown.length === 0, `nothing unexpected is thrown: ${thrown[0]}`);
          promise(
            answer.errorCode === undefined || Object.hasOwn(errors, answer.errorCode),
            "errors have a code of the table",
          );
          session = answer.sessionId ?? session;
          for (const wire of world.wires) {
            wire.enter("connected");
            wire.channels.get(id)?.say(message);
          }
          world.advance(wait);
        }
        world.sfu.shutDown();
      };
    },
  },
];
