/** What any service of the Calls API must do for `CallsClient`, ours and Cloudflare's alike. */
import { CallsClient, CallsRefusal } from "@satsuma/calls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { offer, stopped } from "./offers.ts";
import { openTarget, type Target } from "./target.ts";

const target: Target = await openTarget();
let calls: CallsClient;

beforeAll(() => {
  calls = new CallsClient(target);
});

afterAll(() => target.close());

/** A test that is only part of the contract where the target declares the capability; elsewhere there is no such test. */
function declared(capable: boolean): (name: string, body: () => Promise<void>) => void {
  return capable ? (name, body) => test(name, body) : () => {};
}

const microphone = { location: "local", mid: "0", trackName: "microphone" } as const;

describe(`the Calls API of ${target.name}`, () => {
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

  declared(target.pullsBeforeConnected)("[C4] the tracks of a session are listed", async () => {
    const { sessionId } = await calls.newSession();
    await calls.newTracks(sessionId, { tracks: [microphone], sessionDescription: offer(["audio"]) });
    const { tracks } = await calls.session(sessionId);
    expect(tracks).toMatchObject([{ location: "local", trackName: "microphone", status: "active" }]);
  });

  declared(target.pullsBeforeConnected)(
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

  declared(target.pullsBeforeConnected)(
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

  declared(target.pullsBeforeConnected)(
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

  declared(target.pullsBeforeConnected)(
    "[C8] a pull is offered under a fresh mid, and nothing else is negotiated before its answer",
    async () => {
      const { sessionId: publisher } = await calls.newSession();
      await calls.newTracks(publisher, { tracks: [microphone], sessionDescription: offer(["audio"]) });
      const { sessionId } = await calls.newSession();
      const wanted = { location: "remote", sessionId: publisher, trackName: "microphone" } as const;
      const pulled = await calls.newTracks(sessionId, { tracks: [wanted, wanted] });
      expect(pulled.requiresImmediateRenegotiation).toBe(true);
      expect(pulled.sessionDescription?.type).toBe("offer");
      const mids = pulled.tracks?.map((track) => track.mid);
      expect(new Set(mids).size).toBe(2);
      expect(pulled.sessionDescription?.sdp.match(/^a=mid:\S+/gm)).toEqual(mids?.map((mid) => `a=mid:${mid}`));
      const refused = calls.newTracks(sessionId, { tracks: [wanted] });
      await expect(refused).rejects.toMatchObject({ name: "CallsRefusal", status: 406 });
    },
  );

  test("[C9] a wrong secret is 401 unauthorized", async () => {
    const stranger = new CallsClient({ ...target, secret: `${target.secret}x` });
    await expect(stranger.newSession()).rejects.toMatchObject({ status: 401, errorCode: "unauthorized", retry: false });
  });

  declared(target.refusesUnknownSessions)("[C10] an unknown session is 410 session_error, not a silence", async () => {
    await expect(calls.session("f".repeat(32))).rejects.toMatchObject({ status: 410, errorCode: "session_error" });
  });

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

  declared(target.otherApp !== undefined)("[C13] sessions of one app are invisible to another", async () => {
    const { sessionId } = await calls.newSession();
    const other = new CallsClient({ ...target, ...target.otherApp });
    await expect(other.session(sessionId)).rejects.toMatchObject({ errorCode: "session_error" });
  });
});
