/** Members that came by Orange's door, as everyone sees them. Who they are and when they are gone is for that dialect to say. */
import { type Change, type LeaveReason, type Participant, type Refusal, refusal, type Track } from "@satsuma/protocol";
import { fullBucket } from "../bucket.ts";
import type { RoomData } from "../data.ts";
import type { Floor, Guest } from "../orange/floor.ts";
import type { Turn } from "../turn.ts";

export function floorOf(turn: Turn): Floor {
  return {
    others: () => guestless(turn.data),
    show: (guest) => show(turn, guest),
    hide: (id, why) => hide(turn, id, why),
    mute: (id) => mute(turn, id),
  };
}

/** Everyone that came by another door. */
export function guestless({ state, members }: RoomData): readonly Participant[] {
  return state.participants.filter(({ id }) => members.get(id)?.place.state !== "guest");
}

function show(turn: Turn, guest: Guest): Refusal | undefined {
  const member = turn.data.members.get(guest.id);
  if (!member) return letIn(turn, guest);
  member.sessions = [...guest.sessions];
  for (const change of differences(turn.participant(guest.id), guest)) turn.change(change);
  return undefined;
}

function letIn(turn: Turn, guest: Guest): Refusal | undefined {
  const { participants, mediaBurst } = turn.settings;
  if (turn.data.members.size >= participants) {
    return refusal("room-full", `This room has its ${participants} participants.`);
  }
  turn.data.members.set(guest.id, {
    id: guest.id,
    claimedName: guest.name,
    place: { state: "guest" },
    sessions: [...guest.sessions],
    making: 0,
    media: fullBucket(mediaBurst, turn.now),
  });
  const participant: Participant = {
    id: guest.id,
    identity: guest.person,
    name: guest.name,
    joinedAt: turn.now,
    connection: connectionOf(guest),
    tracks: guest.tracks,
  };
  turn.change({ change: "joined", participant });
  return undefined;
}

function hide(turn: Turn, id: string, why: LeaveReason): void {
  if (turn.data.members.get(id)?.place.state !== "guest") return;
  turn.data.members.delete(id);
  turn.change({ change: "left", id, why });
}

function mute(turn: Turn, id: string): void {
  const participant = turn.data.state.participants.find((other) => other.id === id);
  const microphone = participant?.tracks.find(({ source, muted }) => source === "microphone" && !muted);
  if (microphone) turn.change({ change: "muted", id, name: microphone.name, muted: true });
}

function differences(shown: Participant, guest: Guest): Change[] {
  const { id, tracks } = guest;
  const changes: Change[] = [];
  const connection = connectionOf(guest);
  if (shown.connection !== connection) changes.push({ change: "connection", id, connection });
  for (const { name } of shown.tracks) {
    if (!tracks.some((track) => track.name === name)) changes.push({ change: "unpublished", id, name });
  }
  for (const track of tracks) {
    const before = shown.tracks.find(({ name }) => name === track.name);
    if (!before || !isSamePlace(before, track)) changes.push({ change: "published", id, track });
    else if (before.muted !== track.muted) changes.push({ change: "muted", id, name: track.name, muted: track.muted });
  }
  return changes;
}

function isSamePlace(a: Track, b: Track): boolean {
  return a.session === b.session && a.source === b.source && a.kind === b.kind;
}

function connectionOf({ connected }: Guest): Participant["connection"] {
  return connected ? "connected" : "recovering";
}
