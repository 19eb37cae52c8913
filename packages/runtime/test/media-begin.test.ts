/** Session, first push and first pull in one request, and what may not be had by it either. */
import type { BeginStep } from "@satsuma/protocol";
import type { MediaServer } from "@satsuma/rooms";
import { afterEach, expect, test } from "vitest";
import { askRoom } from "../src/rooms/ask.ts";
import { type Host, Member, startHost } from "./host.ts";

let host: Host;
afterEach(() => host.close());

const offer = (sdp = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n") => ({ type: "offer", sdp });
const push = { tracks: [{ location: "local", mid: "0", trackName: "mic" }], sessionDescription: offer() };
const pictures = {
  tracks: [{ location: "local", mid: "0", trackName: "cam" }],
  sessionDescription: offer("v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n"),
};
const pull = (sessionId: string) => ({ tracks: [{ location: "remote", sessionId, trackName: "mic" }] });

function begin(member: Member, body: unknown): Promise<Response> {
  return fetch(`${host.url}/rooms/r/sfu/sessions/begin`, {
    method: "POST",
    headers: { Authorization: `Bearer ${member.token}` },
    body: JSON.stringify(body),
  });
}

async function stepsOf(response: Response): Promise<BeginStep[]> {
  const lines = (await response.text()).split("\n");
  return lines.filter(Boolean).map((line) => JSON.parse(line) as BeginStep);
}

async function publisher(): Promise<string> {
  const ann = await Member.join(host, "r", "Ann");
  const session = await ann.session(host, "r");
  const track = { name: "mic", kind: "audio", source: "microphone", session, muted: false } as const;
  expect(await ann.command({ do: "publish", tracks: [track] })).toMatchObject({ type: "ack" });
  return session;
}

test("one request makes a session, pushes and pulls, as three would have", async () => {
  host = await startHost();
  const session = await publisher();
  const bob = await Member.join(host, "r", "Bob");
  const before = host.calls.asked.length;
  const steps = await stepsOf(await begin(bob, { push, pull: pull(session) }));
  expect(steps).toMatchObject([
    { step: "session", status: 201, body: { sessionId: expect.any(String) } },
    { step: "push", status: 200, body: { tracks: [{ trackName: "mic", mid: "0" }] } },
    { step: "pull", status: 200, body: { tracks: [{ sessionId: session, trackName: "mic" }] } },
  ]);
  const { sessionId: own } = (steps[0]?.body ?? {}) as { sessionId?: string };
  expect(host.calls.asked.slice(before)).toEqual([
    { what: "POST sessions/new", body: undefined },
    { what: `POST sessions/${own}/tracks/new`, body: push },
    { what: `POST sessions/${own}/tracks/new`, body: pull(session) },
  ]);
  // The session is theirs from then on.
  expect(await bob.media(host, "GET", "r", `sessions/${own}`)).toMatchObject({ status: 200 });
});

test("[RM46] a listener opens the connection with an m-line of sound, and publishes nothing by it", async () => {
  host = await startHost();
  const session = await publisher();
  const { token } = await host.tokens.issue("r", "Lis", { role: "listener" });
  const lis = await Member.join(host, "r", "Lis", token);
  const steps = await stepsOf(await begin(lis, { push, pull: pull(session) }));
  expect(steps).toMatchObject([
    { step: "session", status: 201 },
    { step: "push", status: 200 },
    { step: "pull", status: 200, body: { tracks: [{ sessionId: session, trackName: "mic" }] } },
  ]);
  const { sessionId: own } = (steps[0]?.body ?? {}) as { sessionId: string };
  const track = { name: "mic", kind: "audio", source: "microphone", session: own, muted: false } as const;
  expect(await lis.command({ do: "publish", tracks: [track] })).toMatchObject({ type: "error", code: "not-allowed" });
  const bob = await Member.join(host, "r", "Bob");
  expect(await stepsOf(await begin(bob, { push, pull: pull(own) }))).toMatchObject([
    { step: "session" },
    { step: "push" },
    { step: "pull", body: { tracks: [{ errorCode: "not_found_track_error" }] } },
  ]);
});

test("nobody gets more by it than by asking one by one", async () => {
  host = await startHost();
  const session = await publisher();
  const { token } = await host.tokens.issue("r", "Lis", { role: "listener" });
  const lis = await Member.join(host, "r", "Lis", token);
  expect(await stepsOf(await begin(lis, { push: pictures, pull: pull(session) }))).toMatchObject([
    { step: "session", status: 201 },
    { step: "push", status: 403, body: { errorCode: "not-allowed" } },
  ]);
  const bob = await Member.join(host, "r", "Bob");
  expect(await stepsOf(await begin(bob, { push, pull: pull("elsewhere") }))).toMatchObject([
    { step: "session" },
    { step: "push", status: 200 },
    { step: "pull", body: { tracks: [{ errorCode: "not_found_track_error" }] } },
  ]);
  const gone = await Member.join(host, "r", "Gone");
  await gone.command({ do: "leave" });
  expect(await stepsOf(await begin(gone, { push }))).toMatchObject([
    { step: "session", status: 403, body: { errorCode: "not-a-member" } },
  ]);
  expect((await begin({ token: "none" } as Member, { push })).status).toBe(401);
});

test("[L7] each step is in the debug record under the request's name, a refused one too", async () => {
  host = await startHost();
  const session = await publisher();
  const { token } = await host.tokens.issue("r", "Lis", { role: "listener" });
  const bob = await Member.join(host, "r", "Bob");
  const lis = await Member.join(host, "r", "Lis", token);
  const notesOf = async ({ participant }: Member) => {
    const wanted = { participant, limit: 100 };
    const { items } = await askRoom(host.server.rooms.get("r"), "notes", { part: "debug", wanted });
    return items.filter(({ note }) => note === "call");
  };
  const response = await begin(bob, { push, pull: pull(session) });
  const correlation = response.headers.get("satsuma-correlation");
  expect(correlation).toMatch(/^[\w-]{1,64}$/);
  const [made] = await stepsOf(response);
  const { sessionId: own } = (made?.body ?? {}) as { sessionId?: string };
  await stepsOf(await begin(lis, { push: pictures }));
  await expect
    .poll(() => notesOf(bob), { timeout: 20_000 })
    .toMatchObject([
      { operation: "new-session", session: own, status: 201, correlation },
      { operation: "tracks", session: own, status: 200, correlation, tracks: ["local 0 - mic -"] },
      { operation: "tracks", session: own, status: 200, correlation, tracks: [expect.stringMatching(/^remote /)] },
    ]);
  await expect
    .poll(() => notesOf(lis), { timeout: 20_000 })
    .toMatchObject([
      { operation: "new-session", status: 201 },
      { operation: "tracks", status: 403, code: "not-allowed" },
    ]);
});

test("a step that breaks is a line like any other, and is logged", async () => {
  const media: MediaServer = {
    async forward(operation) {
      if (operation.do === "new-session") return { status: 201, body: { sessionId: crypto.randomUUID() } };
      return { status: 200, body: undefined };
    },
  };
  host = await startHost({ media });
  const session = await publisher();
  const bob = await Member.join(host, "r", "Bob");
  // Tracks of an answer that has none cannot be put between those that were answered here.
  const { tracks } = pull("elsewhere");
  const mixed = { tracks: [...tracks, ...pull(session).tracks] };
  expect(await stepsOf(await begin(bob, { push, pull: mixed }))).toMatchObject([
    { step: "session", status: 201 },
    { step: "push", status: 200 },
    { step: "pull", status: 500, body: { errorCode: "internal_error" } },
  ]);
  expect(host.logged.map(({ event }) => event)).toContain("media proxy failed");
});

test.each([
  ["no body", undefined],
  ["nothing to push", { pull: pull("s") }],
  ["a push that pulls", { push: pull("s") }],
  ["a pull that pushes", { push, pull: push }],
  ["65 tracks", { push: { ...push, tracks: Array.from({ length: 65 }, () => push.tracks[0]) } }],
])("%s is refused as a whole, and makes no session", async (_, body) => {
  host = await startHost();
  const bob = await Member.join(host, "r", "Bob");
  const before = host.calls.asked.length;
  const response = await begin(bob, body);
  expect([400, 406]).toContain(response.status);
  expect(await response.json()).toMatchObject({ errorCode: expect.stringMatching(/decoding_error|invalid_params/) });
  expect(host.calls.asked).toHaveLength(before);
});

test("the push is answered before the pull is, which may wait for its publisher", async () => {
  const answered = Promise.withResolvers<void>();
  const media: MediaServer = {
    async forward(operation) {
      if (operation.do === "new-session") return { status: 201, body: { sessionId: crypto.randomUUID() } };
      if (operation.do !== "tracks") return { status: 200, body: {} };
      if (operation.body.tracks[0]?.location === "remote") await answered.promise;
      return { status: 200, body: { requiresImmediateRenegotiation: false, tracks: operation.body.tracks } };
    },
  };
  host = await startHost({ media });
  const session = await publisher();
  const bob = await Member.join(host, "r", "Bob");
  const response = await begin(bob, { push, pull: pull(session) });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes('"step":"push"')) text += (await reader?.read())?.value ?? "";
  expect(text).not.toContain('"step":"pull"');
  answered.resolve();
  for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) text += read.value;
  expect(text).toContain('"step":"pull"');
});
