/**
 * One person in two words: Orange's user and our participant.
 *
 * A user's three track strings are tracks of source microphone, camera and screen. Orange's client publishes a screen
 * at all times, black while nothing is shared, so that one is a track here only while it is shared.
 */
import type { OrangeUser, Track } from "@satsuma/protocol";
import type { Seat } from "./data.ts";
import type { Guest, Other } from "./floor.ts";
import { sessionsInUse } from "./media.ts";

/** What Orange makes of who has just come. */
export function newUser(id: string, name: string): OrangeUser {
  return {
    id,
    name,
    joined: false,
    raisedHand: false,
    speaking: false,
    tracks: { audioEnabled: false, audioUnavailable: false, videoEnabled: false, screenShareEnabled: false },
  };
}

export function guestOf(seat: Seat): Guest {
  const { id, person, since, user, socket } = seat;
  const visitor = { id, person, since, name: user.name };
  return { ...visitor, connected: socket !== undefined, tracks: tracksOf(user), sessions: sessionsInUse(seat) };
}

export function userOf({ participant, raisedHand, speaking }: Other): OrangeUser {
  const find = (source: Track["source"]) => participant.tracks.find((track) => track.source === source);
  const [microphone, camera, screen] = [find("microphone"), find("camera"), find("screen")];
  const session = participant.tracks[0]?.session;
  return {
    id: participant.id,
    name: participant.name,
    ...(session !== undefined && { transceiverSessionId: session }),
    joined: true,
    raisedHand,
    speaking,
    tracks: {
      ...(microphone && { audio: stringOf(microphone) }),
      audioEnabled: carries(microphone),
      audioUnavailable: microphone === undefined,
      ...(camera && { video: stringOf(camera) }),
      videoEnabled: carries(camera),
      ...(screen && { screenshare: stringOf(screen) }),
      screenShareEnabled: carries(screen),
    },
  };
}

function tracksOf({
  tracks: { audio, audioEnabled, video, videoEnabled, screenshare, screenShareEnabled },
}: OrangeUser) {
  const tracks = [
    trackOf(audio, "audio", "microphone", audioEnabled),
    trackOf(video, "video", "camera", videoEnabled),
    screenShareEnabled === true ? trackOf(screenshare, "video", "screen", true) : undefined,
  ].filter((track) => track !== undefined);
  // A participant's tracks have names of their own; the client makes one UUID for each.
  return tracks.filter(({ name }, position) => tracks.findIndex((other) => other.name === name) === position);
}

function trackOf(
  string: string | undefined,
  kind: Track["kind"],
  source: Track["source"],
  enabled: boolean | undefined,
): Track | undefined {
  const [session, name] = string?.split("/") ?? [];
  if (session === undefined || name === undefined) return undefined;
  return { name, kind, source, session, muted: enabled !== true };
}

function carries(track: Track | undefined): boolean {
  return track?.muted === false;
}

function stringOf({ session, name }: Track): string {
  return `${session}/${name}`;
}
