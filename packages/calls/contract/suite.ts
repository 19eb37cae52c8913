/** What any service of the Calls API must do for `CallsClient`: ours, inside one process or over several, and Cloudflare's. */
import { CallsClient, CallsRefusal } from "@satsuma/calls";
import type { TrackObject } from "@satsuma/protocol";
import { afterAll, afterEach, expect, test } from "vitest";
import { offer, stopped } from "./offers.ts";
import { Peer } from "./peer.ts";
import type { Target } from "./target.ts";

let calls: CallsClient;

const peers: Peer[] = [];

afterEach(() => {
  for (const peer of peers.splice(0)) peer.close();
});

async function peer(): Promise<Peer> {
  const opened = await Peer.open(calls);
  peers.push(opened);
  return opened;
}

/** A peer whose track `microphone` is there to be pulled. */
async function publisher(): Promise<Peer> {
  for (let attempt = 1; attempt <= 8; attempt += 1) {
    const opened = await peer();
    await opened.publish("microphone");
    if (await opened.connected) return opened;
  }
  throw new Error("No publisher's connection came up.");
}

const microphone = { location: "local", mid: "0", trackName: "microphone" } as const;

export function contract(target: Target): void {
  calls = new CallsClient(target);
  afterAll(() => target.close());

  test("[C1] a session begins without an offer, and has no tracks", async () => {
    const { sessionId, sessionDescription } = await calls.newSession();
    expect(sessionId).toMatch(/^\S+$/);
    expect(sessionDescription).toBeUndefined();
  });

  test("[C2] a push is answered at once: mids and names come back, and nothing is left to negotiate", async () => {
    const { sessionId } = await calls.newSession();
    const pushed = await calls.newTracks(sessionId, { tracks: [microphone], sessionDescription: offer(["audio"]) });
    expect(pushed.requiresImmediateRenegotiation ?? false).toBe(false);
    expect(pushed.tracks).toMatchObject([{ mid: "0", trackName: "microphone" }]);
    expect(pushed.sessionDescription?.type).toBe("answer");
    expect(pushed.sessionDescription?.sdp).toMatch(/^a=(recvonly|sendrecv)\r$/m);
    expect(pushed.sessionDescription?.sdp).toMatch(/\r\n$/);
  });

  test("[C3] an answer has the m-lines of its offer in their order, a fingerprint and candidates", async () => {
    const { sessionId } = await calls.newSession();
    const camera = { location: "local", mid: "1", trackName: "camera" } as const;
    const { sessionDescription } = await calls.newTracks(sessionId, {
      tracks: [microphone, camera],
      sessionDescription: offer(["audio", "video"]),
    });
    const sdp = sessionDescription?.sdp ?? "";
    expect(sdp.match(/^m=\w+/gm)).toEqual(["m=audio", "m=video"]);
    expect(sdp.match(/^a=mid:\S+/gm)).toEqual(["a=mid:0", "a=mid:1"]);
    expect(sdp).toMatch(/^a=fingerprint:sha-256 /m);
    expect(sdp).toMatch(/^a=candidate:.* typ host/m);
  });

  test.runIf(target.answersBeforeConnected)("[C4] the tracks of a session are listed", async () => {
    const { sessionId } = await calls.newSession();
    await calls.newTracks(sessionId, { tracks: [microphone], sessionDescription: offer(["audio"]) });
    const { tracks } = await calls.session(sessionId);
    expect(tracks).toMatchObject([{ location: "local", trackName: "microphone", status: "active" }]);
  });

  test.runIf(target.answersBeforeConnected)(
    "[C5] a track that is not there fails alone, in an answer of status 200 without an offer",
    async () => {
      const { sessionId } = await calls.newSession();
      const wanted = { location: "remote", sessionId: "0".repeat(32), trackName: "nothing" } as const;
      const pulled = await calls.newTracks(sessionId, { tracks: [wanted] });
      expect(pulled.tracks).toMatchObject([{ errorCode: "not_found_track_error" }]);
      expect(pulled.tracks?.[0]?.mid ?? "").toBe("");
      expect(pulled.sessionDescription).toBeUndefined();
    },
  );

  test.runIf(target.answersBeforeConnected)(
    "[C6] a forced close needs no description, and a second one says that the track is gone",
    async () => {
      const { sessionId } = await calls.newSession();
      await calls.newTracks(sessionId, { tracks: [microphone], sessionDescription: offer(["audio"]) });
      const closing = { tracks: [{ mid: "0" }], force: true };
      const closed = await calls.closeTracks(sessionId, closing);
      expect(closed.tracks).toEqual([{ mid: "0" }]);
      expect(closed.sessionDescription).toBeUndefined();
      const again = await calls.closeTracks(sessionId, closing);
      expect(again.tracks).toMatchObject([{ mid: "0", errorCode: "close_track_error" }]);
    },
  );

  test.runIf(target.answersBeforeConnected)(
    "[C7] a negotiated close is always answered, and the track becomes inactive",
    async () => {
      const { sessionId } = await calls.newSession();
      const camera = { location: "local", mid: "1", trackName: "camera" } as const;
      await calls.newTracks(sessionId, { tracks: [microphone, camera], sessionDescription: offer(["audio", "video"]) });
      const closed = await calls.closeTracks(sessionId, {
        tracks: [{ mid: "1" }, { mid: "9" }],
        force: false,
        sessionDescription: stopped(["audio", "video"], 1),
      });
      expect(closed.tracks).toMatchObject([{ mid: "1" }, { mid: "9", errorCode: "close_track_error" }]);
      expect(closed.sessionDescription?.type).toBe("answer");
      expect(closed.sessionDescription?.sdp).toMatch(/^m=video 0 /m);
    },
  );

  test("[C8] a pull is offered under a fresh mid, and nothing else is negotiated before its answer", async () => {
    const wanted = { location: "remote", sessionId: (await publisher()).session, trackName: "microphone" } as const;
    const { sessionId } = await calls.newSession();
    const pulled = await calls.newTracks(sessionId, { tracks: [wanted, wanted] });
    expect(pulled.requiresImmediateRenegotiation).toBe(true);
    expect(pulled.sessionDescription?.type).toBe("offer");
    const mids = pulled.tracks?.map((track) => track.mid);
    expect(new Set(mids).size).toBe(2);
    expect(pulled.sessionDescription?.sdp.match(/^a=mid:\S+/gm)).toEqual(mids?.map((mid) => `a=mid:${mid}`));
    const refused = calls.newTracks(sessionId, { tracks: [wanted] });
    await expect(refused).rejects.toMatchObject({ name: "CallsRefusal", status: 406 });
  });

  test("[C9] a wrong secret is 401 unauthorized", async () => {
    const stranger = new CallsClient({ ...target, secret: `${target.secret}x` });
    await expect(stranger.newSession()).rejects.toMatchObject({ status: 401, errorCode: "unauthorized", retry: false });
  });

  test.runIf(target.refusesUnknownSessions)(
    "[C10] an unknown session is 410 session_error, not a silence",
    async () => {
      await expect(calls.session("f".repeat(32))).rejects.toMatchObject({ status: 410, errorCode: "session_error" });
    },
  );

  test("[C11] too many tracks are 406 invalid_params, bad SDP 406 or 400, and each refusal is a CallsRefusal", async () => {
    const { sessionId } = await calls.newSession();
    const many = Array.from({ length: 65 }, () => ({ location: "remote" as const, sessionId: "s", trackName: "t" }));
    await expect(calls.newTracks(sessionId, { tracks: many })).rejects.toMatchObject({ errorCode: "invalid_params" });
    const bad = calls.newTracks(sessionId, { tracks: [microphone], sessionDescription: { type: "offer", sdp: "hi" } });
    await expect(bad).rejects.toBeInstanceOf(CallsRefusal);
    await expect(bad).rejects.toMatchObject({ errorCode: "invalid_session_description" });
  });

  test("[C12] an answer that nobody waits for is refused", async () => {
    const { sessionId } = await calls.newSession();
    const answer = { type: "answer", sdp: offer(["audio"]).sdp } as const;
    await expect(calls.renegotiate(sessionId, answer)).rejects.toBeInstanceOf(CallsRefusal);
  });

  test.runIf(target.otherApp !== undefined)("[C13] sessions of one app are invisible to another", async () => {
    const { sessionId } = await calls.newSession();
    const other = new CallsClient({ ...target, ...target.otherApp });
    await expect(other.session(sessionId)).rejects.toMatchObject({ errorCode: "session_error" });
  });

  test("[C14] autoDiscover names every m-line that sends", async () => {
    const { sessionId } = await calls.newSession();
    const sessionDescription = offer(["audio", "video"]);
    const { tracks = [] } = await calls.newTracks(sessionId, { tracks: [], autoDiscover: true, sessionDescription });
    expect(tracks.map(({ mid }) => mid).sort()).toEqual(["0", "1"]);
    expect(new Set(tracks.map(({ trackName }) => trackName)).size).toBe(2);
  });

  test("[C15] a push without an offer is offered by the service, and its answer is renegotiated", async () => {
    const invited = await peer();
    const voice = { location: "local", trackName: "voice", kind: "audio", bidirectionalMediaStream: true } as const;
    const offered = await calls.newTracks(invited.session, { tracks: [voice] });
    expect(offered.tracks).toMatchObject([{ trackName: "voice", mid: expect.stringMatching(/./) }]);
    expect(offered.sessionDescription).toMatchObject({ type: "offer", sdp: expect.stringContaining("a=sendrecv") });
  });

  test("[C16] a track is pulled into an offer of one's own, which is answered", async () => {
    const { session } = await publisher();
    const { sessionId } = await calls.newSession();
    const sdp = offer(["audio"]).sdp.replace("a=sendonly", "a=recvonly");
    const tracks = [{ location: "remote", sessionId: session, trackName: "microphone" } as const];
    const pulled = await calls.newTracks(sessionId, { tracks, sessionDescription: { type: "offer", sdp } });
    expect(pulled.sessionDescription).toMatchObject({ type: "answer", sdp: expect.stringContaining("a=sendonly") });
  });

  test("[C17] an update points an m-line at another track without a description, and knows what has no layers", async () => {
    const [first, second] = [await publisher(), await publisher()];
    const of = (source: Peer) => ({ location: "remote", sessionId: source.session, trackName: "microphone" }) as const;
    const { puller, mid } = await subscribe(of(first));
    const updated = await calls.updateTracks(puller.session, { tracks: [{ ...of(second), mid }] });
    expect(updated.tracks).toMatchObject([{ mid, sessionId: second.session }]);
    expect(updated.requiresImmediateRenegotiation ?? false).toBe(false);
    const layers = { ...of(second), mid, simulcast: { preferredRid: "a" } };
    const refused = await calls.updateTracks(puller.session, { tracks: [layers] });
    expect(refused.tracks).toMatchObject([{ errorCode: "update_track_error" }]);
  });

  test("[C18] data channels are established once, with server-events on id 0", async () => {
    const { sessionId } = await calls.newSession();
    const established = await calls.establishDataChannels(sessionId);
    expect(established).toMatchObject({
      requiresImmediateRenegotiation: true,
      dataChannel: { dataChannelName: "server-events", id: 0 },
      sessionDescription: { type: "offer", sdp: expect.stringMatching(/^m=application /m) },
    });
  });

  test("[C19] data channels are published, subscribed, allowed to reply and closed by id", async () => {
    const [one, two] = [await channelSession(), await channelSession()];
    const chat = { location: "local", dataChannelName: "chat" } as const;
    const published = await calls.newDataChannels(one, { dataChannels: [chat] });
    expect(published.dataChannels).toMatchObject([{ dataChannelName: "chat", id: expect.any(Number) }]);
    const again = await calls.newDataChannels(one, { dataChannels: [chat] });
    expect(again.dataChannels).toMatchObject([{ errorCode: "repeated_local_track_error" }]);
    const of = (dataChannelName: string) => ({ location: "remote", sessionId: one, dataChannelName }) as const;
    const subscribed = await calls.newDataChannels(two, { dataChannels: [of("chat"), of("nothing")] });
    expect(subscribed.dataChannels).toMatchObject([{ id: expect.any(Number) }, { errorCode: "not_found_track_error" }]);
    const allowed = await calls.updateDataChannels(two, { dataChannels: [{ ...of("chat"), canReply: true }] });
    expect(allowed.dataChannels?.[0]?.errorCode).toBeUndefined();
    const closing = { dataChannels: [{ id: subscribed.dataChannels?.[0]?.id }] };
    expect((await calls.closeDataChannels(two, closing)).dataChannels?.[0]?.errorCode).toBeUndefined();
    const closed = await calls.closeDataChannels(two, closing);
    expect(closed.dataChannels).toMatchObject([{ errorCode: "close_track_error" }]);
  });

  test("[C20] a correlation id changes nothing, and a session for another media server is offered by ours", async () => {
    const { sessionId } = await calls.newSession(undefined, { correlationId: "contract", thirdparty: true });
    const voice = { location: "local", trackName: "voice", kind: "audio", bidirectionalMediaStream: true } as const;
    const { sessionDescription } = await calls.newTracks(sessionId, { tracks: [voice] }, { correlationId: "contract" });
    expect(sessionDescription?.type).toBe("offer");
    expect(sessionDescription?.sdp).not.toContain("a=ice-lite");
  });

  test.runIf(target.rationsCalls)(
    "[C21] 51 calls at once are one too many, and at the client's pace none is",
    async () => {
      const hasty = new CallsClient({ ...target, callsPerSecond: 10_000 });
      const { sessionId } = await calls.newSession();
      const codes: unknown[] = [];
      // A busy machine may need more than a second for one round of calls, and the second begins anew.
      for (let round = 0; round < 10 && !codes.includes(429); round += 1) {
        const calling = Array.from({ length: 120 }, () => hasty.session(sessionId));
        const outcomes = await Promise.allSettled(calling);
        codes.push(...outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.status));
      }
      expect(codes).toContain(429);
      expect(codes.filter((code) => code === false).length).toBeGreaterThanOrEqual(50);
      const { sessionId: patient } = await calls.newSession();
      await Promise.all(Array.from({ length: 70 }, () => calls.session(patient)));
    },
  );
}

/**
 * A connected puller of one track. libdatachannel (0.24.5), at either end, may begin DTLS before it has stored an answer's
 * description and then refuses its peer; that session is gone, and a client's way is a new one.
 */
async function subscribe(track: TrackObject): Promise<{ puller: Peer; mid: string }> {
  for (let attempt = 1; attempt <= 8; attempt += 1) {
    const puller = await peer();
    const { tracks } = await puller.pull([track]);
    const alive = (await puller.connected) && (await calls.session(puller.session).catch(() => undefined));
    if (alive) return { puller, mid: tracks?.[0]?.mid ?? "" };
  }
  throw new Error("No puller's connection came up.");
}

/** A session whose offer had the m-line of data channels. */
async function channelSession(): Promise<string> {
  const { sessionId } = await calls.newSession();
  const { sdp } = offer(["audio"]);
  const [session = "", media = ""] = sdp.split(/(?=m=audio)/);
  const line = media
    .replace(/^m=audio 9 UDP\/TLS\/RTP\/SAVPF 111/m, "m=application 9 UDP/DTLS/SCTP webrtc-datachannel")
    .split("\r\n")
    .filter((text) => /^(m=|c=|a=(ice|fingerprint|setup|mid))/.test(text));
  const text = `${session}${[...line, "a=sctp-port:5000", ""].join("\r\n")}`;
  await calls.establishDataChannels(sessionId, { type: "offer", sdp: text });
  return sessionId;
}
