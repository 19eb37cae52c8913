import type { TracksResponse } from "@satsuma/protocol";
import { joined } from "@satsuma/rooms/contract/orange";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Host, orangeSecret, startHost } from "../host.ts";
import { Jar } from "./browser-like.ts";
import { Parties, type Party } from "./party.ts";

let host: Host;
const parties = new Parties();

beforeAll(async () => {
  host = await startHost({ orange: {} });
});
afterEach(() => parties.close());
afterAll(() => host.close());

interface Person {
  readonly jar: Jar;
  readonly party: Party;
}

/** Somebody with a page: a name, a socket, and the same cookies for both. */
async function come(room: string, id: string, jar = new Jar(host.url)): Promise<Person> {
  if (!jar.cookies.has("__session")) await jar.post("/set-username", { username: id });
  const cookies = [...jar.cookies].map(([name, value]) => `${name}=${value}`);
  const party = await parties.open({
    url: host.url,
    room,
    who: { id, name: id },
    secret: orangeSecret,
    beat: 5_000,
    cookies,
  });
  return { jar, party };
}

async function publish({ party }: Person, session: string): Promise<void> {
  const tracks = { audio: `${session}/a`, audioEnabled: true, audioUnavailable: false };
  party.send({ type: "userUpdate", user: joined(party.id, party.id, { transceiverSessionId: session, tracks }) });
  await party.until(() => stateOf(party)?.users.some(({ id, joined: isIn }) => id === party.id && isIn));
}

function stateOf(party: Party) {
  return party.received.findLast((message) => message.type === "roomState")?.state;
}

function pull({ jar }: Person, own: string, ...wanted: string[]): Promise<Response> {
  const tracks = wanted.map((track) => {
    const [sessionId, trackName] = track.split("/");
    return { location: "remote", sessionId, trackName };
  });
  return jar.calls("POST", `sessions/${own}/tracks/new`, { tracks });
}

const isText = (response: Response) => response.headers.get("content-type")?.startsWith("text/plain") === true;

describe("4.1 who may", () => {
  test("nobody without a name, and no one who is in no room; said in text, so that partytracks tries again", async () => {
    const stranger = await new Jar(host.url).calls("POST", "sessions/new");
    expect([stranger.status, await stranger.text()]).toEqual([401, "unauthorized"]);
    const jar = new Jar(host.url);
    await jar.post("/set-username", { username: "Ann" });
    const roomless = await jar.calls("POST", "sessions/new");
    expect([roomless.status, isText(roomless)]).toEqual([403, true]);
  });

  test("ICE servers are told to everybody", async () => {
    const answer = await fetch(`${host.url}/partytracks/generate-ice-servers`);
    expect(await answer.json()).toEqual({ iceServers: [] });
  });

  test("a session is locked to who began it, by the cookie that partytracks' own proxy sets", async () => {
    const ann = await come("lock", "ann");
    const eve = await come("lock", "eve");
    const session = await ann.jar.session();
    const cookie = ann.jar.set.at(-1) ?? "";
    expect(cookie.startsWith(`partytracks-session-${session}=eyJ`)).toBe(true);
    expect(cookie).toMatch(/; HttpOnly; Secure; SameSite=Strict; Path=\/$/);
    expect((await ann.jar.calls("GET", `sessions/${session}`)).status).toBe(200);
    const refused = await eve.jar.calls("GET", `sessions/${session}`);
    expect([refused.status, await refused.text()]).toEqual([401, "unauthorized"]);
    // The cookie alone, in other hands, opens nothing.
    eve.jar.cookies.set(`partytracks-session-${session}`, ann.jar.cookies.get(`partytracks-session-${session}`) ?? "");
    expect((await eve.jar.calls("GET", `sessions/${session}`)).status).toBe(401);
  });

  test("cookies of old sessions go, and the newest stay (mended)", async () => {
    const ann = await come("pile", "pile-ann");
    const sessions = [];
    for (let number = 0; number < 12; number++) sessions.push(await ann.jar.session());
    const held = [...ann.jar.cookies.keys()].filter((name) => name.startsWith("partytracks-session-"));
    expect(held).toHaveLength(8);
    expect((await ann.jar.calls("GET", `sessions/${sessions.at(-1)}`)).status).toBe(200);
  });

  test("more sessions than one person needs are refused, in text", async () => {
    const ann = await come("many", "many-ann");
    const answers = [];
    for (let number = 0; number < 25; number++) answers.push(await ann.jar.calls("POST", "sessions/new"));
    const late = answers.find(({ status }) => status === 429);
    expect(late && isText(late)).toBe(true);
  });
});

describe("4.2 what may be pulled", () => {
  test("what is published in a room of one's own, one's own tracks, and nothing else", async () => {
    const [ann, bob, far] = [await come("near", "ann"), await come("near", "bob"), await come("far", "far")];
    const sessions = [await ann.jar.session(), await bob.jar.session(), await far.jar.session()] as const;
    await publish(ann, sessions[0]);
    await publish(far, sessions[2]);
    const answer = await pull(
      bob,
      sessions[1],
      `${sessions[0]}/a`,
      `${sessions[2]}/a`,
      `${sessions[1]}/own`,
      "no/where",
    );
    expect(answer.status).toBe(200);
    const { tracks } = (await answer.json()) as TracksResponse;
    expect(tracks?.map(({ errorCode, mid }) => errorCode ?? mid)).toEqual([
      "0",
      "not_found_track_error",
      "1",
      "not_found_track_error",
    ]);
    expect(tracks?.[1]).toMatchObject({ sessionId: sessions[2], trackName: "a", mid: "" });
    const nothing = await pull(bob, sessions[1], `${sessions[2]}/a`);
    expect(await nothing.json()).toMatchObject({ tracks: [{ errorCode: "not_found_track_error" }] });
  });

  test("not a track of elsewhere that somebody here calls their own", async () => {
    const [eve, bob, far] = [await come("here", "eve"), await come("here", "bob"), await come("elsewhere", "far")];
    const [own, theirs] = [await bob.jar.session(), await far.jar.session()];
    await publish(far, theirs);
    await publish(eve, theirs);
    const answer = (await (await pull(bob, own, `${theirs}/a`)).json()) as TracksResponse;
    expect(answer.tracks?.[0]?.errorCode).toBe("not_found_track_error");
  });

  test("a page whose socket comes back after the room forgot it brings its sessions along", async () => {
    const [ann, bob] = [await come("back", "ann"), await come("back", "bob")];
    const [own, theirs] = [await bob.jar.session(), await ann.jar.session()];
    ann.party.send({ type: "userLeft" });
    await ann.party.until(() => ann.party.closed);
    const back = await come("back", "ann", ann.jar);
    await publish(back, theirs);
    await bob.party.until(() => stateOf(bob.party)?.users.find(({ id }) => id === "ann")?.joined);
    expect(await (await pull(bob, own, `${theirs}/a`)).json()).toMatchObject({ tracks: [{ mid: "0" }] });
  });
});

describe("4.1 what is passed on", () => {
  test("every operation, to the media server and back", async () => {
    const ann = await come("all", "ann");
    const session = await ann.jar.session();
    const before = host.calls.asked.length;
    const sdp = (type: string) => ({ sessionDescription: { type, sdp: "v=0" } });
    const local = { tracks: [{ location: "local", mid: "0", trackName: "t" }] };
    await ann.jar.calls("POST", `sessions/${session}/tracks/new`, { ...local, ...sdp("offer") });
    await ann.jar.calls("PUT", `sessions/${session}/renegotiate`, sdp("answer"));
    const preferred = {
      location: "remote",
      sessionId: session,
      trackName: "t",
      mid: "0",
      simulcast: { preferredRid: "" },
    };
    await ann.jar.calls("PUT", `sessions/${session}/tracks/update`, { tracks: [preferred] });
    await ann.jar.calls("PUT", `sessions/${session}/tracks/close`, {
      tracks: [{ mid: "0" }],
      ...sdp("offer"),
      force: false,
    });
    expect(host.calls.asked.slice(before).map(({ what }) => what)).toEqual([
      `POST sessions/${session}/tracks/new`,
      `PUT sessions/${session}/renegotiate`,
      `PUT sessions/${session}/tracks/update`,
      `PUT sessions/${session}/tracks/close`,
    ]);
    expect(host.calls.asked.at(-2)?.body).toEqual({ tracks: [preferred] });
  });

  test("the media server's own refusals come as they are, ours as text", async () => {
    const ann = await come("no", "ann");
    const session = await ann.jar.session();
    const odd = await ann.jar.calls("PUT", `sessions/${session}/renegotiate`, { odd: true });
    expect([odd.status, isText(odd)]).toEqual([400, true]);
    expect((await ann.jar.calls("DELETE", `sessions/${session}`)).status).toBe(404);
    host.calls.endSession(session);
    const gone = await ann.jar.calls("GET", `sessions/${session}`);
    expect([gone.status, await gone.json()]).toMatchObject([410, { errorCode: "session_error" }]);
  });

  test("a secret that does not hold is this server's affair", async () => {
    const wrong = await startHost({ orange: {}, secret: "wrong" });
    const jar = new Jar(wrong.url);
    await jar.post("/set-username", { username: "Ann" });
    const cookies = [...jar.cookies].map(([name, value]) => `${name}=${value}`);
    await parties.open({
      url: wrong.url,
      room: "r",
      who: { id: "1", name: "Ann" },
      secret: orangeSecret,
      beat: 5_000,
      cookies,
    });
    const answer = await jar.calls("POST", "sessions/new");
    expect([answer.status, isText(answer)]).toEqual([503, true]);
    parties.close();
    await wrong.close();
  });
});
