import type { MediaAnswer, MediaOperation } from "@satsuma/rooms";
import { SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askRoom } from "../src/rooms/ask.ts";
import { type Host, Member, present, startHost } from "./host.ts";

let host: Host;
let ann: Member;
let bob: Member;
let annSession: string;
let bobSession: string;

const microphone = (session: string, name = "mic") =>
  ({ name, kind: "audio", source: "microphone", session, muted: false }) as const;
const pull = (...tracks: [string, string][]) => ({
  tracks: tracks.map(([sessionId, trackName]) => ({ location: "remote", sessionId, trackName })),
});

beforeAll(async () => {
  host = await startHost({ room: { mediaBurst: 1_000, grace: 100 } });
  ann = await Member.join(host, "r", "Ann");
  bob = await Member.join(host, "r", "Bob");
  annSession = await ann.session(host, "r");
  bobSession = await bob.session(host, "r");
  await ann.command({ do: "publish", tracks: [microphone(annSession)] });
});
afterAll(() => host.close());

/** Another member's socket and another member's media requests still work. */
async function expectUnharmed(): Promise<void> {
  expect(await bob.command({ do: "rename", name: "Bob" })).toMatchObject({ type: "ack" });
  expect(await bob.media(host, "GET", "r", `sessions/${bobSession}`)).toMatchObject({ status: 200 });
}

function lastAsked() {
  return host.calls.asked.at(-1);
}

test("[RM42] sessions asked for at once are made up to the limit, and no more at the media server", async () => {
  const cat = await Member.join(host, "many", "Cat");
  const made = () => host.calls.asked.filter(({ what }) => what === "POST sessions/new").length;
  const before = made();
  const answers = await Promise.all(Array.from({ length: 20 }, () => cat.media(host, "POST", "many", "sessions/new")));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(8);
  expect(answers.filter(({ body }) => body.errorCode === "limit-reached")).toHaveLength(12);
  expect(made() - before).toBe(8);
});

test("a member's pull of a published track goes through with the app's secret, and comes back as it is", async () => {
  const answer = await bob.media(host, "POST", "r", `sessions/${bobSession}/tracks/new`, pull([annSession, "mic"]));
  expect(answer).toMatchObject({ status: 200, body: { requiresImmediateRenegotiation: true, tracks: [{ mid: "0" }] } });
  expect(lastAsked()).toEqual({
    what: `POST sessions/${bobSession}/tracks/new`,
    body: pull([annSession, "mic"]),
  });
});

test("a pull of what nobody published is answered in its place, and the others go on", async () => {
  const body = pull([annSession, "cam"], [annSession, "mic"], ["nobody", "mic"]);
  const answer = await bob.media(host, "POST", "r", `sessions/${bobSession}/tracks/new`, body);
  expect(answer.body.tracks).toMatchObject([
    { trackName: "cam", errorCode: "not_found_track_error", mid: "" },
    { trackName: "mic", mid: "0" },
    { sessionId: "nobody", errorCode: "not_found_track_error" },
  ]);
  expect(lastAsked()?.body).toEqual(pull([annSession, "mic"]));
});

test("a pull of nothing but unknown tracks asks the media server nothing", async () => {
  const asked = host.calls.asked.length;
  const answer = await bob.media(host, "POST", "r", `sessions/${bobSession}/tracks/new`, pull([annSession, "cam"]));
  expect(answer).toMatchObject({ status: 200, body: { tracks: [{ errorCode: "not_found_track_error" }] } });
  expect(host.calls.asked).toHaveLength(asked);
  await expectUnharmed();
});

test("a track published in another room cannot be pulled", async () => {
  const cid = await Member.join(host, "elsewhere", "Cid");
  const session = await cid.session(host, "elsewhere");
  const path = `sessions/${session}/tracks/new`;
  const answer = await cid.media(host, "POST", "elsewhere", path, pull([annSession, "mic"]));
  expect(answer.body.tracks).toMatchObject([{ errorCode: "not_found_track_error" }]);
  await expectUnharmed();
});

test.each([
  ["GET", ""],
  ["POST", "/tracks/new"],
  ["PUT", "/renegotiate"],
  ["PUT", "/tracks/close"],
])("%s on the session of another member is refused: sessions/…%s", async (method, rest) => {
  const bodies: Record<string, unknown> = {
    "/tracks/new": pull([annSession, "mic"]),
    "/renegotiate": { sessionDescription: { type: "answer", sdp: "v=0\r\n" } },
    "/tracks/close": { tracks: [{ mid: "0" }], force: true },
  };
  const asked = host.calls.asked.length;
  const foreign = await bob.media(host, method, "r", `sessions/${annSession}${rest}`, bodies[rest]);
  expect(foreign).toMatchObject({ status: 403, body: { errorCode: "not-your-session" } });
  expect(await bob.media(host, method, "r", `sessions/unknown${rest}`, bodies[rest])).toEqual(foreign);
  expect(host.calls.asked).toHaveLength(asked);
  await expectUnharmed();
});

test("a token is not enough: its bearer must be in the room", async () => {
  const { token } = await host.tokens.issue("r", "Eve");
  const eve = { errorCode: "not-a-member" };
  expect(await ann.media(host, "POST", "r", "sessions/new", undefined, token)).toMatchObject({
    status: 403,
    body: eve,
  });
  const empty = (await host.tokens.issue("empty", "Eve")).token;
  const answer = await ann.media(host, "POST", "empty", "sessions/new", undefined, empty);
  expect(answer).toMatchObject({ status: 403, body: eve });
  expect(await present(host, "empty")).toEqual([]);
  await expectUnharmed();
});

test("a member who was lost and did not come back may do nothing more", async () => {
  const dan = await Member.join(host, "r", "Dan");
  const session = await dan.session(host, "r");
  dan.peer.terminate();
  await bob.sees("Dan", "gone");
  const answer = await dan.media(host, "GET", "r", `sessions/${session}`);
  expect(answer).toMatchObject({ status: 403, body: { errorCode: "not-a-member" } });
  await expectUnharmed();
});

test.each([
  ["none", undefined],
  ["garbage", "Bearer garbage"],
  ["another scheme", "Basic YTpi"],
])("a request with %s for a token is refused", async (_, authorization) => {
  const response = await fetch(`${host.url}/rooms/r/sfu/sessions/new`, {
    method: "POST",
    headers: authorization === undefined ? {} : { Authorization: authorization },
  });
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ errorCode: "unauthorized" });
  await expectUnharmed();
});

test("a refusal arrives even when 2 MB come with it, and the connection can be used again", async () => {
  const body = "x".repeat(2_000_000);
  for (let count = 0; count < 3; count++) {
    const answer = await ann.media(host, "POST", "r", "sessions/new", body, "garbage");
    expect(answer).toMatchObject({ status: 401, body: { errorCode: "unauthorized" } });
  }
  await expectUnharmed();
});

test("a member whose token expires during the call goes on with it", async () => {
  const made = Math.floor(Date.now() / 1000) - 7 * 3600;
  const old = await new SignJWT({ room: "r", participant: ann.participant, name: "Ann" })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject("ann")
    .setIssuedAt(made)
    .setExpirationTime(made + 6 * 3600)
    .sign(host.key);
  expect((await host.tokens.verify(old, "r")).ok).toBe(false);
  expect(await ann.media(host, "GET", "r", `sessions/${annSession}`, undefined, old)).toMatchObject({ status: 200 });
  await expectUnharmed();
});

test("a token of another room is refused", async () => {
  const { token } = await host.tokens.issue("elsewhere", "Eve");
  const answer = await ann.media(host, "POST", "r", "sessions/new", undefined, token);
  expect(answer).toMatchObject({ status: 401, body: { errorCode: "unauthorized" } });
  await expectUnharmed();
});

test.each([
  ["no JSON", "{", 400, "decoding_error"],
  ["no tracks", "{}", 400, "decoding_error"],
  ["an empty batch", '{"tracks":[]}', 406, "invalid_params"],
  ["65 tracks", JSON.stringify(pull(...Array(65).fill(["s", "t"]))), 406, "invalid_params"],
  [
    "a mixed batch",
    '{"tracks":[{"location":"local","mid":"0","trackName":"a"},{"location":"remote"}]}',
    406,
    "invalid_params",
  ],
])("a body that holds %s is refused by code", async (_, body, status, errorCode) => {
  const answer = await bob.media(host, "POST", "r", `sessions/${bobSession}/tracks/new`, body);
  expect(answer).toMatchObject({ status, body: { errorCode } });
  await expectUnharmed();
});

test("a session with an empty object for a body is refused as Calls does", async () => {
  const answer = await bob.media(host, "POST", "r", "sessions/new", {});
  expect(answer).toMatchObject({ status: 400, body: { errorCode: "decoding_error" } });
});

test("a body of 2 MB is refused by code, announced or not", async () => {
  const path = `sessions/${bobSession}/tracks/new`;
  const announced = await bob.media(host, "POST", "r", path, "x".repeat(2_000_000));
  expect(announced).toMatchObject({ status: 413, body: { errorCode: "payload_too_large" } });
  const stream = new ReadableStream({
    start(controller) {
      for (let count = 0; count < 20; count++) controller.enqueue(new Uint8Array(100_000));
      controller.close();
    },
  });
  const response = await fetch(`${host.url}/rooms/r/sfu/${path}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${bob.token}` },
    body: stream,
    duplex: "half",
  } as RequestInit);
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ errorCode: "payload_too_large" });
  await expectUnharmed();
});

test.each([
  ["DELETE", "sessions/x"],
  ["POST", "adapters/websocket/new"],
  ["GET", ""],
])("%s %s is no operation of this proxy", async (method, path) => {
  expect(await bob.media(host, method, "r", path)).toMatchObject({ status: 404, body: { errorCode: "not_found" } });
  await expectUnharmed();
});

test("a member has eight sessions alive at the most; those that the media server ended make room", async () => {
  const many = await Member.join(host, "r", "Many");
  const sessions: string[] = [];
  for (let count = 0; count < 8; count++) sessions.push(await many.session(host, "r"));
  const refused = await many.media(host, "POST", "r", "sessions/new");
  expect(refused).toMatchObject({ status: 409, body: { errorCode: "limit-reached" } });
  host.calls.endSession(sessions[2] ?? "");
  expect(await many.media(host, "POST", "r", "sessions/new")).toMatchObject({ status: 201 });
  await many.command({ do: "leave" });
  await expectUnharmed();
});

test("what the media server answers is passed on, an ended session is forgotten", async () => {
  const session = await bob.session(host, "r");
  host.calls.endSession(session);
  const gone = await bob.media(host, "GET", "r", `sessions/${session}`);
  expect(gone).toMatchObject({ status: 410, body: { errorCode: "session_error" } });
  const after = await bob.command({ do: "publish", tracks: [microphone(session, "late")] });
  expect(after).toMatchObject({ type: "error", code: "not-your-session" });
});

test("a media server that is down, or refuses our own secret, is temporarily unavailable; the room goes on", async () => {
  for (const broken of ["down", "secret"] as const) {
    const other = await startHost(broken === "secret" ? { secret: "wrong" } : {});
    const dan = await Member.join(other, "r", "Dan");
    if (broken === "down") await other.calls.close();
    const answer = await dan.media(other, "POST", "r", "sessions/new");
    expect(answer).toMatchObject({ status: 503, body: { errorCode: "temporarily_unavailable_error" } });
    expect(JSON.stringify(answer.body)).not.toContain("secret");
    expect(await dan.command({ do: "rename", name: "Still here" })).toMatchObject({ type: "ack" });
    await other.close();
  }
});

test("[RM45] nothing flows on any more to somebody who left, whatever their client does", async () => {
  const eve = await Member.join(host, "r", "Eve");
  const session = await eve.session(host, "r");
  await eve.media(host, "POST", "r", `sessions/${session}/tracks/new`, pull([annSession, "mic"]));
  await eve.command({ do: "leave" });
  const what = `PUT sessions/${session}/tracks/close`;
  await expect
    .poll(() => host.calls.asked.find((asked) => asked.what === what)?.body)
    .toEqual({
      tracks: [{ mid: "0" }],
      force: true,
    });
});

test("[RM45] a session that is made, and a pull that is done, for somebody who was put out meanwhile are released", async () => {
  const asked: MediaOperation[] = [];
  const held: (() => void)[] = [];
  const isHeld = { "new-session": false, tracks: false };
  const forward = async (operation: MediaOperation): Promise<MediaAnswer> => {
    asked.push(operation);
    if (operation.do === "new-session") {
      const sessionId = `s${asked.length}`;
      if (isHeld[operation.do]) await new Promise<void>((resolve) => void held.push(resolve));
      return { status: 201, body: { sessionId } };
    }
    if (operation.do === "tracks" && isHeld.tracks) await new Promise<void>((resolve) => void held.push(resolve));
    return { status: 200, body: { tracks: operation.do === "inspect" ? [{ mid: "7" }] : [] } };
  };
  const slow = await startHost({ media: { forward } });
  const host = async () => (await slow.tokens.issue("r", "Boss", { role: "host" })).token;
  const boss = await Member.join(slow, "r", "Boss", await host());
  const bossSession = await boss.session(slow, "r");
  await boss.command({ do: "publish", tracks: [microphone(bossSession)] });
  const closed = (session: string) => asked.some((each) => each.do === "close-tracks" && each.session === session);

  const eve = await Member.join(slow, "r", "Eve");
  const eveSession = await eve.session(slow, "r");
  isHeld.tracks = true;
  const pulled = eve.media(slow, "POST", "r", `sessions/${eveSession}/tracks/new`, pull([bossSession, "mic"]));
  await expect.poll(() => held.length).toBe(1);
  await boss.command({ do: "remove", id: eve.participant });
  await expect.poll(() => closed(eveSession)).toBe(true);
  asked.length = 0;
  held.shift()?.();
  await pulled;
  await expect.poll(() => closed(eveSession)).toBe(true);

  const dan = await Member.join(slow, "r", "Dan");
  isHeld["new-session"] = true;
  const made = dan.media(slow, "POST", "r", "sessions/new");
  await expect.poll(() => held.length).toBe(1);
  await boss.command({ do: "remove", id: dan.participant });
  const danSession = `s${asked.length}`;
  held.shift()?.();
  expect(await made).toMatchObject({ status: 403, body: { errorCode: "not-a-member" } });
  await expect.poll(() => closed(danSession)).toBe(true);
  expect(closed(bossSession)).toBe(false);
  await slow.close();
});

test("what the media server is to find by itself in an offer is asked of it, though nothing is named", async () => {
  const session = await ann.session(host, "r");
  const body = { autoDiscover: true, sessionDescription: { type: "offer", sdp: "v=0\r\n" }, tracks: [] };
  const { status } = await ann.media(host, "POST", "r", `sessions/${session}/tracks/new`, body);
  expect(status).toBe(200);
  expect(lastAsked()).toEqual({ what: `POST sessions/${session}/tracks/new`, body });
});

test("[L7] requests, what came of them, and what the client reports of itself are in its debug record, and no description is", async () => {
  const dora = await Member.join(host, "debug", "Dora");
  const session = await dora.session(host, "debug");
  const sessionDescription = {
    type: "offer",
    sdp: `v=0\r\na=ice-pwd:secret\r\na=candidate:1 1 udp 1 192.0.2.7 9 typ host`,
  };
  const tracks = [{ location: "local", trackName: "mic", mid: "0" }];
  const path = `sessions/${session}/tracks/new?correlationId=meeting-7`;
  await dora.media(host, "POST", "debug", path, { sessionDescription, tracks });
  await dora.media(host, "GET", "debug", "sessions/somebody-elses");
  dora.send({ type: "report", session, states: { connection: "failed", why: "silence" } });
  dora.send({ type: "report", session, sample: { quality: "poor", cause: "network-up", lossOut: 0.2 } });
  await dora.command({ do: "raise" });
  const read = async (part: "debug" | "timeline") => {
    const wanted = { participant: dora.participant, limit: 100 };
    return (await askRoom(host.server.rooms.get("debug"), "notes", { part, wanted })).items;
  };
  await expect.poll(async () => (await read("debug")).length, { timeout: 20_000 }).toBe(5);
  const items = await read("debug");
  const calls = items.filter(({ note }) => note === "call");
  expect(calls).toMatchObject([
    { operation: "new-session", session, status: 201 },
    { operation: "tracks", session, status: 200, correlation: "meeting-7", tracks: ["local 0 - mic -"] },
    { operation: "inspect", session: "somebody-elses", status: 403, code: "not-your-session" },
  ]);
  for (const call of calls) expect(call.note === "call" && call.duration).toBeGreaterThanOrEqual(0);
  expect(items.find(({ note }) => note === "states")).toMatchObject({ states: { connection: "failed" } });
  expect(JSON.stringify(items)).not.toMatch(/192\.0\.2\.7|secret|candidate|v=0/);
  expect(await read("timeline")).toMatchObject([{ note: "sample", sample: { quality: "poor", cause: "network-up" } }]);
});
