/** Calls that go through a relay and nothing else: Debian's coturn, our credentials, a real Chromium at both ends. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IceServer } from "@satsuma/protocol";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { ensureCoturn } from "../../../scripts/coturn.ts";
import { ensureGstreamer } from "../../../scripts/gstreamer.ts";
import { freeUdpPort } from "../../../scripts/ports.ts";
import type { TurnConfig } from "../src/node/turn.ts";
import { startChromium } from "./chromium.ts";
import { type Coturn, startCoturn } from "./coturn.ts";
import { type Encoder, publishWithGstreamer } from "./encoder.ts";
import { type Served, secret, serve, Visitor } from "./stage.ts";

const patience = { timeout: 20_000, interval: 100 };
const token = "management-token-of-the-test-0123456789";
const shared = "secret-that-coturn-shares-with-us";
const errors: unknown[] = [];
let browser: Browser;
let folder: string;
let coturn: Coturn | undefined;
let served: Served | undefined;
let visitor: Visitor | undefined;
let encoder: Encoder | undefined;

beforeAll(async () => {
  ensureCoturn();
  ensureGstreamer();
  browser = await startChromium();
}, 300_000);

afterEach(async () => {
  await encoder?.end();
  encoder = undefined;
  await visitor?.close();
  await served?.close();
  await coturn?.stop();
  visitor = served = coturn = undefined;
  if (folder) await rm(folder, { recursive: true });
  folder = "";
  expect(errors.splice(0)).toEqual([]);
});

afterAll(() => browser?.close());

test.each(["udp", "tcp"] as const)(
  "two peers that may only use the relay, over %s, publish and play",
  async (transport) => {
    const { key, credentials } = await withSharedSecret(transport);
    const { iceServers } = (await credentials(key, "generate-ice-servers", { ttl: 600 })).body;
    await call({ iceServers, iceTransportPolicy: "relay" });
    for (const name of ["publisher", "viewer"]) {
      expect(await visitor?.call("path", name)).toEqual({ candidateType: "relay", relayProtocol: transport });
    }
  },
);

test("an encoder that may only use the relay, over TCP, is seen by a browser that may only use it over UDP", async () => {
  const { key, credentials } = await withSharedSecret("tcp");
  const { iceServers } = (await credentials(key, "generate", { ttl: 600, customIdentifier: "encoder" })).body;
  const { urls, username, credential } = iceServers as unknown as IceServer;
  const [user, password] = [username, credential].map((text) => encodeURIComponent(String(text)));
  const relay = `turn://${user}:${password}@${urls.find((url) => url.startsWith("turn:"))?.slice("turn:".length)}`;
  expect(relay).toMatch(/transport=tcp$/);
  encoder = publishWithGstreamer(String(served?.url("whip/camera")), secret, relay);
  await vi.waitFor(() => expect(encoder?.said).toContainEqual({ state: "connected" }), patience);
  expect(encoder.said).toContainEqual(expect.objectContaining({ status: 201, candidates: ["relay"] }));
  const overUdp = urls.map((url) => url.replace("transport=tcp", "transport=udp"));
  const configuration = { iceServers: [{ urls: overUdp, username, credential }], iceTransportPolicy: "relay" };
  await play(configuration);
  expect(await visitor?.call("path", "viewer")).toEqual({ candidateType: "relay", relayProtocol: "udp" });
});

test("credentials of the shared secret open the relay until they expire, and forged ones never", async () => {
  const { key, credentials } = await withSharedSecret("udp");
  const { iceServers } = (await credentials(key, "generate", { ttl: 3, customIdentifier: "guest" })).body;
  expect(await visitor?.call("relayed", [iceServers])).not.toEqual([]);
  expect(await visitor?.call("relayed", [{ ...iceServers, credential: "AAAA" }])).toEqual([]);
  const later = String((iceServers as unknown as IceServer).username).replace(/^\d/, "9");
  expect(await visitor?.call("relayed", [{ ...iceServers, username: later }])).toEqual([]);
  await vi.waitFor(async () => expect(await visitor?.call("relayed", [iceServers])).toEqual([]), patience);
});

test("revoked credentials of the user database end the call that uses them and begin none", async () => {
  const { key, credentials } = await withDatabase();
  const other = (await credentials(key, "generate", { ttl: 600 })).body.iceServers as unknown as IceServer;
  const { iceServers = [] } = (await credentials(key, "generate-ice-servers", { ttl: 600 })).body;
  await call({ iceServers, iceTransportPolicy: "relay" });
  const username = encodeURIComponent(String(iceServers.at(-1)?.username));
  expect((await credentials(key, `${username}/revoke`)).status).toBe(204);
  await vi.waitFor(async () => expect((await visitor?.received("viewer"))?.state).not.toBe("connected"), patience);
  expect(await visitor?.call("relayed", iceServers)).toEqual([]);
  expect(await visitor?.call("relayed", [other])).not.toEqual([]);
});

test("credentials of the user database end with their TURN key", async () => {
  const { key, credentials, deleteKey } = await withDatabase();
  const { iceServers } = (await credentials(key, "generate-ice-servers", { ttl: 600 })).body;
  expect(await visitor?.call("relayed", iceServers)).not.toEqual([]);
  await deleteKey(key);
  await vi.waitFor(async () => expect(await visitor?.call("relayed", iceServers)).toEqual([]), patience);
  expect((await credentials(key, "generate")).status).toBe(401);
});

/** A publisher and a viewer in one page, and media between them. */
async function call(configuration: unknown): Promise<void> {
  const offered = await visitor?.call("publish", "publisher", served?.url("whip/camera"), secret, configuration);
  expect(offered).toMatchObject({ status: 201 });
  await vi.waitFor(async () => expect((await visitor?.received("publisher"))?.state).toBe("connected"), patience);
  await play(configuration);
}

async function play(configuration: unknown): Promise<void> {
  const offered = await visitor?.call("play", "viewer", served?.url("whep/camera"), secret, configuration);
  expect(offered).toMatchObject({ status: 201 });
  await vi.waitFor(async () => {
    const { state, frames = 0, audio = 0 } = (await visitor?.received("viewer")) ?? {};
    // Together, so that a failure tells what there was.
    expect({ state, picture: frames > 20, sound: audio > 0 }).toEqual({
      state: "connected",
      picture: true,
      sound: true,
    });
  }, patience);
}

async function withSharedSecret(transport: "udp" | "tcp") {
  coturn = await startCoturn(["--use-auth-secret", `--static-auth-secret=${shared}`]);
  return start({ by: "shared-secret", urls: urlsOf(coturn, transport), secret: shared });
}

async function withDatabase() {
  folder = await mkdtemp(join(tmpdir(), "satsuma-turn-"));
  const file = join(folder, "turndb");
  coturn = await startCoturn(["--lt-cred-mech", `--userdb=${file}`]);
  return start({ by: "user-database", urls: urlsOf(coturn, "udp"), file, realm: "satsuma", cli: coturn.cli });
}

function urlsOf({ port }: Coturn, transport: "udp" | "tcp"): string[] {
  return [`stun:127.0.0.1:${port}`, `turn:127.0.0.1:${port}?transport=${transport}`];
}

interface Key {
  readonly uid: string;
  readonly key: string;
}

async function start(turn: TurnConfig) {
  const media = {
    port: await freeUdpPort(),
    sideDoor: await freeUdpPort(),
    bindAddress: "127.0.0.1",
    advertise: undefined,
  };
  served = await serve({ media, turn, management: { token }, onError: (error) => errors.push(error) });
  visitor = await Visitor.open(browser, served);
  const { root } = served;
  const manage = (method: string, path: string) =>
    fetch(root(`client/v4/accounts/me/calls/turn_keys${path}`), {
      method,
      headers: { authorization: `Bearer ${token}` },
    });
  const key = ((await (await manage("POST", "")).json()) as { result: Key }).result;
  return {
    key,
    deleteKey: ({ uid }: Key) => manage("DELETE", `/${uid}`),
    async credentials({ uid, key: bearer }: Key, what: string, body?: unknown) {
      const response = await fetch(root(`v1/turn/keys/${uid}/credentials/${what}`), {
        method: "POST",
        headers: { authorization: `Bearer ${bearer}` },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        body: (text === "" ? {} : JSON.parse(text)) as { iceServers?: IceServer[]; errorCode?: string },
      };
    },
  };
}
