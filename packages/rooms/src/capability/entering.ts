/** How a socket becomes a participant's: anew, as a return within the grace period, or in place of an older socket. */
import { type Participant, type Resume, refusal, roomProtocols } from "@satsuma/protocol";
import { fullBucket } from "../bucket.ts";
import type { Member } from "../data.ts";
import { addMember } from "../devices.ts";
import type { Claims, Entrance, SocketId } from "../input.ts";
import { keyOf } from "../records.ts";
import type { Turn } from "../turn.ts";
import { standing } from "./admission.ts";
import { keepOthers } from "./grace.ts";
import { stopKnocking, tellLobby } from "./lobby.ts";
import { andItsEnd, countEvents } from "./logging.ts";
import { begin, count } from "./meeting.ts";
import { noticeAgain } from "./moderating.ts";
import { endForbidden, mayDo, selfOf } from "./permission.ts";
import { fullRates } from "./rates.ts";
import { takeAnswers } from "./repeating.ts";
import { catchUp, covers, resync } from "./resuming.ts";
import { countAudience } from "./signalling.ts";
import { move, stageIsFull } from "./stage.ts";

/** Somebody who is in, and has yet to be told so. */
export interface Entered {
  readonly member: Member;
  readonly socket: SocketId;
  readonly protocol: number | undefined;
  /** A newcomer has nothing to go on from. */
  readonly resume: Resume | undefined;
}

/** Whoever gets here may come in (admission.ts). To be followed by `welcome` in the same turn. */
export function enter(turn: Turn, socket: SocketId, claims: Claims, entrance: Entrance): Entered {
  stopKnocking(turn, claims.participant, socket);
  const known = turn.data.members.get(claims.participant);
  const member = known ?? comeIn(turn, { state: "connected", socket }, claims);
  if (known) comeBack(turn, known, socket, claims);
  const { client, protocol, resume } = entrance;
  if (client === undefined || client !== member.done.client) member.done = { client, answers: [] };
  return { member, socket, protocol, resume: known && resume };
}

/** Ends the version: all who come in by one turn are in the state that each of them is sent. */
export function welcome(turn: Turn, entered: readonly Entered[]): void {
  turn.commit();
  // Who came twice in one turn is in by the newer socket.
  const here = entered.filter(({ member, socket }) => isAt(member, socket));
  const anew: SocketId[] = [];
  for (const each of here) {
    const { resume } = each;
    const resumed = resume !== undefined && covers(turn.data, resume);
    seat(turn, each, resumed);
    if (resume) noticeAgain(turn, each.member, each.socket, resume);
    if (resumed) catchUp(turn, each.member, each.socket, resume);
    else anew.push(each.socket);
  }
  resync(turn, anew);
  for (const { member } of here) if (mayDo(turn.data, member, "moderate")) tellLobby(turn, member);
}

function isAt({ place }: Member, socket: SocketId): boolean {
  return place.state === "connected" && place.socket === socket;
}

function seat(turn: Turn, { member, socket, protocol }: Entered, resumed: boolean): void {
  const { data, settings, now } = turn;
  const { pingInterval, grace } = settings;
  turn.seat(socket, {
    state: "joined",
    participant: member.id,
    silentAt: now + 3 * pingInterval,
    messages: fullBucket(settings.messageBurst, now),
  });
  turn.tell([socket], {
    type: "welcome",
    protocol: protocol ?? roomProtocols[0],
    participant: member.id,
    you: selfOf(data, member),
    lineage: data.lineage,
    resumed,
    pingInterval,
    grace,
  });
}

/** Makes a member of who may come in (admission.ts). */
export function comeIn(turn: Turn, place: Member["place"], claims: Claims): Member {
  const { data, settings, now } = turn;
  begin(turn);
  countEvents(turn, claims.identity, andItsEnd);
  const { role, grants } = standing(data, claims);
  const { participant: id, identity, name, attributes = {} } = claims;
  const face: Participant = {
    id,
    identity,
    name,
    role,
    joinedAt: now,
    connection: "connected",
    tracks: [],
    attributes,
  };
  data.last.order += 1;
  const member: Member = {
    id,
    face,
    order: data.last.order,
    claimed: { name, role: claims.role ?? "speaker", grants: claims.grants },
    granted: grants,
    invited: undefined,
    place,
    sessions: [],
    making: 0,
    done: takeAnswers(turn, id),
    rates: fullRates(settings, now),
    watching: new Set(),
    notices: [],
  };
  addMember(data, member);
  turn.touch(keyOf.member(id));
  turn.change({ change: "joined", participant: face });
  countAudience(turn);
  count(turn);
  turn.event({ type: "participant-joined", who: { participant: id, identity, name }, role });
  return member;
}

function comeBack(turn: Turn, member: Member, socket: SocketId, claims: Claims): void {
  if (member.place.state === "connected") {
    turn.dismiss(member.place.socket, refusal("replaced", "This participant has joined again from elsewhere."));
  } else {
    if (member.place.state === "recovering" && member.place.read) keepOthers(turn);
    turn.change({ change: "connection", id: member.id, connection: "connected" });
  }
  member.place = { state: "connected", socket };
  const { name, role = "speaker", grants } = claims;
  const before = member.claimed;
  member.claimed = { name, role, grants };
  if (name !== before.name) turn.change({ change: "renamed", id: member.id, name });
  if (String(grants) === String(before.grants) && role === before.role) return;
  turn.touch(keyOf.member(member.id));
  if (role !== "listener" && member.face.role === "listener" && stageIsFull(turn)) return;
  // A token that says something new about its bearer is news; the room's own word of before is undone by it.
  member.granted = grants;
  forgetRole(turn, claims.identity);
  if (role !== member.face.role) move(turn, member, role);
  endForbidden(turn, member);
}

function forgetRole(turn: Turn, identity: string): void {
  const { data } = turn;
  const person = data.people.get(identity);
  if (!person?.role) return;
  const { role: _, grants: __, ...rest } = person;
  data.people.set(identity, rest);
  turn.touch(keyOf.person(identity));
}
