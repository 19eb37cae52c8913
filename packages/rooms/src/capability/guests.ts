/** Members that came by Orange's door, as everyone sees them. Who they are and when they are gone is for that dialect to say. */
import {
  type Change,
  type Grant,
  type LeaveReason,
  type Participant,
  type Refusal,
  refusal,
  type Track,
  trackGrants,
} from "@satsuma/protocol";
import type { Member, RoomData } from "../data.ts";
import type { Claims } from "../input.ts";
import { isPublished } from "../media/authorize.ts";
import type { Floor, Guest, Other, Visitor } from "../orange/floor.ts";
import { keyOf } from "../records.ts";
import type { Turn } from "../turn.ts";
import { admission } from "./admission.ts";
import { comeIn } from "./entering.ts";
import { remove } from "./leaving.ts";
import { andItsEnd, countEvents, refuseEvents } from "./logging.ts";
import { begin, mindEmptiness } from "./meeting.ts";
import { silence } from "./moderating.ts";
import { grantsOf, mayDo } from "./permission.ts";
import { putDown, raise } from "./raising.ts";
import { speak } from "./signalling.ts";

export function floorOf(turn: Turn): Floor {
  const { data } = turn;
  return {
    meeting: () => data.state.meeting?.id,
    begin: () => begin(turn),
    mindEmptiness: () => mindEmptiness(turn),
    others: () => othersIn(data),
    isTaken: (id) => data.members.has(id) && guestIn(data, id) === undefined,
    refusalFor: (visitor) => refusalFor(turn, visitor),
    show: (guest) => show(turn, guest),
    hide: (id, why) => hide(turn, id, why),
    shown: (id) => guestIn(data, id)?.face,
    hand: (id, raised) => hand(turn, id, raised),
    speak: (id, speaking) => {
      const member = guestIn(data, id);
      if (member) speak(turn, id, speaking && mayDo(data, member, "microphone"));
    },
    mute: (by, id) => mute(turn, by, id),
    mayHear: (id) => may(data, id, "subscribe"),
    mayUseAi: (id) => may(data, id, "ai"),
    isPublished: ({ sessionId, trackName }) => isPublished(data, { sessionId, trackName }),
    touch: (what) => turn.touch(what === "ai" ? keyOf.ai : keyOf.orange(what.seat)),
  };
}

/** Who waits in Orange's lobby may do what anybody may from whom it is not withheld. */
function may(data: RoomData, id: string, grant: Grant): boolean {
  const member = guestIn(data, id);
  return member ? mayDo(data, member, grant) : !data.state.rules.withheld.includes(grant);
}

function othersIn(data: RoomData): Other[] {
  const { participants, hands } = data.state;
  const speaking = new Set(data.presence.speaking);
  return participants
    .filter(({ id }) => guestIn(data, id) === undefined)
    .map((participant) => {
      const { id } = participant;
      return { participant, raisedHand: hands.some((raised) => raised.id === id), speaking: speaking.has(id) };
    });
}

function guestIn(data: RoomData, id: string): Member | undefined {
  const member = data.members.get(id);
  return member?.place.state === "guest" ? member : undefined;
}

function refusalFor(turn: Turn, visitor: Visitor): Refusal | undefined {
  const verdict = admission(turn, claimsOf(visitor), {});
  if (verdict.may === "not") return verdict.refusal;
  // Its client knows of no such lobby, and would wait before an empty page.
  return verdict.may === "knock" ? refusal("not-allowed", "A moderator admits newcomers to this room.") : undefined;
}

function claimsOf({ id, person, name, since }: Visitor): Claims {
  return { room: "", participant: id, identity: person, name, issuedAt: since };
}

function show(turn: Turn, guest: Guest): Refusal | undefined {
  const { data } = turn;
  const known = guestIn(data, guest.id);
  const refused = known ? undefined : refusalFor(turn, guest);
  if (refused) return refused;
  const member = known ?? comeIn(turn, { state: "guest" }, claimsOf(guest));
  own(turn, member, guest.sessions);
  const grants = grantsOf(member, data.state.rules);
  const tracks = guest.tracks.filter((track) => grants.has(trackGrants[track.source]) && mayShow(turn, member, track));
  for (const change of differences(member.face, tracks, guest.connected)) make(turn, member, change);
  return undefined;
}

/** That dialect refuses no track; one too many is shown with its owner's next word for which there is room. */
function mayShow(turn: Turn, { face }: Member, { name }: Track): boolean {
  if (face.tracks.some((track) => track.name === name)) return true;
  if (refuseEvents(turn, face.identity, andItsEnd)) return false;
  countEvents(turn, face.identity, andItsEnd);
  return true;
}

function hide(turn: Turn, id: string, why: LeaveReason): void {
  const member = guestIn(turn.data, id);
  if (!member) return;
  own(turn, member, []);
  remove(turn, member, why);
}

/** Of a session that two speak of, the last one to do so is the owner. */
function own({ data }: Turn, member: Member, sessions: readonly string[]): void {
  for (const session of member.sessions) if (data.owners.get(session) === member) data.owners.delete(session);
  for (const session of sessions) data.owners.set(session, member);
  member.sessions = sessions;
}

function hand(turn: Turn, id: string, raised: boolean): void {
  const member = guestIn(turn.data, id);
  if (!member) return;
  if (raised) raise(turn, { member });
  else putDown(turn, id);
}

function mute(turn: Turn, { person, name }: Visitor, id: string): void {
  const member = turn.data.members.get(id);
  if (!member || mayDo(turn.data, member, "moderate")) return;
  if (refuseEvents(turn, person, 1)) return;
  countEvents(turn, person, 1);
  // With the server's word, since Orange's users may all do this; the log has the name of who did.
  silence(turn, { kind: "server", ticket: 0, lent: true, actor: { identity: person, name } }, id);
}

function differences(shown: Participant, tracks: readonly Track[], connected: boolean): Change[] {
  const { id } = shown;
  const changes: Change[] = [];
  const connection = connected ? "connected" : "recovering";
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

function make(turn: Turn, member: Member, change: Change): void {
  const before = member.face;
  turn.change(change);
  const who = { participant: member.id, identity: before.identity, name: before.name };
  if (change.change === "published" && !before.tracks.some(({ name }) => name === change.track.name)) {
    turn.event({ type: "track-published", who, track: change.track.name, source: change.track.source });
  }
  const gone = change.change === "unpublished" && before.tracks.find(({ name }) => name === change.name);
  if (gone) turn.event({ type: "track-unpublished", who, track: gone.name, source: gone.source });
}

function isSamePlace(a: Track, b: Track): boolean {
  return a.session === b.session && a.source === b.source && a.kind === b.kind;
}
