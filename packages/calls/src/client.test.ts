import type { DataChannelsRequest } from "@satsuma/protocol";
import { expect, test } from "vitest";
import { CallsClient, type CallsClientOptions } from "./client.ts";

const description = { type: "offer", sdp: "v=0" } as const;
const tracks = { tracks: [{ location: "remote", mid: "0", sessionId: "p", trackName: "t" } as const] };
const dataChannels: DataChannelsRequest = { dataChannels: [{ location: "local", dataChannelName: "chat" }] };

test.each<[string, (client: CallsClient) => Promise<unknown>, unknown]>([
  ["POST sessions/new", (client) => client.newSession(), undefined],
  ["POST sessions/new?thirdparty=true", (client) => client.newSession(undefined, { thirdparty: true }), undefined],
  ["POST sessions/new", (client) => client.newSession(description), { sessionDescription: description }],
  ["GET sessions/s", (client) => client.session("s"), undefined],
  ["POST sessions/s/tracks/new", (client) => client.newTracks("s", tracks), tracks],
  ["PUT sessions/s/renegotiate", (client) => client.renegotiate("s", description), { sessionDescription: description }],
  ["PUT sessions/s/tracks/update", (client) => client.updateTracks("s", tracks), tracks],
  [
    "PUT sessions/s/tracks/close",
    (client) => client.closeTracks("s", { tracks: [], force: true }),
    { tracks: [], force: true },
  ],
  [
    "POST sessions/s/datachannels/establish",
    (client) => client.establishDataChannels("s", description),
    { dataChannel: { location: "remote", dataChannelName: "server-events" }, sessionDescription: description },
  ],
  ["POST sessions/s/datachannels/new", (client) => client.newDataChannels("s", dataChannels), dataChannels],
  ["PUT sessions/s/datachannels/update", (client) => client.updateDataChannels("s", dataChannels), dataChannels],
  ["PUT sessions/s/datachannels/close", (client) => client.closeDataChannels("s", dataChannels), dataChannels],
])("%s", async (endpoint, call, body) => {
  const { client, seen } = begin();
  await call(client);
  expect(seen).toEqual([{ endpoint, body }]);
});

test("a correlation id goes along as a query, on any call", async () => {
  const { client, seen } = begin();
  await client.session("s", { correlationId: "a b" });
  await client.newSession(undefined, { correlationId: "c", thirdparty: true });
  expect(seen.map(({ endpoint }) => endpoint)).toEqual([
    "GET sessions/s?correlationId=a+b",
    "POST sessions/new?thirdparty=true&correlationId=c",
  ]);
});

test("a signal gives the call up", async () => {
  const { client } = begin({ fetch: () => new Promise(() => {}) });
  const signal = AbortSignal.abort();
  await expect(client.newTracks("s", tracks, { signal })).rejects.toMatchObject({ reason: "aborted" });
});

test("calls above the pace of a session wait their turn, and those of another do not", async () => {
  let now = 0;
  const sleeps: number[] = [];
  const clock = {
    now: () => now,
    sleep: async (milliseconds: number) => {
      sleeps.push(milliseconds);
    },
  };
  const { client, seen } = begin({ clock, callsPerSecond: 10 });
  await Promise.all(Array.from({ length: 10 }, () => client.session("s")));
  await client.session("other");
  expect(sleeps).toEqual([100, 200]);
  now = 1_000;
  await client.session("s");
  expect(sleeps).toHaveLength(2);
  expect(seen).toHaveLength(12);
});

function begin(options: Partial<CallsClientOptions> = {}) {
  const seen: { endpoint: string; body: unknown }[] = [];
  const client = new CallsClient({
    url: "http://sfu/v1",
    appId: "app",
    secret: "secret",
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url);
      const text = await request.text();
      const endpoint = `${request.method} ${pathname.replace("/v1/apps/app/", "")}${search}`;
      seen.push({ endpoint, body: text === "" ? undefined : JSON.parse(text) });
      return Response.json({});
    },
    ...options,
  });
  return { client, seen };
}
