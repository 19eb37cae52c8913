/** How a socket becomes a participant's: anew, as a return within the grace period, or in place of an older socket. */
import { refusal } from "@satsuma/protocol";
import { fullBucket } from "../bucket.ts";
import type { Member } from "../data.ts";
import type { Claims, SocketId } from "../input.ts";
import type { Turn } from "../turn.ts";

export function open(turn: Turn, socket: SocketId): void {
  let waiting = 0;
  for (const other of turn.data.sockets.values()) if (other.state === "waiting") waiting += 1;
  turn.data.sockets.set(socket, { state: "waiting", deadline: turn.now + turn.settings.helloWithin });
  if (waiting >= turn.settings.waiting) {
    turn.dismiss(socket, refusal("too-many-requests", "Too many connections are waiting to join this room."));
  }
}

/** The socket is waiting; room.ts has looked. */
export function hello(turn: Turn, socket: SocketId, claims: Claims): void {
  const member = turn.data.members.get(claims.participant);
  if (member) comeBack(turn, member, socket, claims);
  else if (!comeIn(turn, socket, claims)) return;

  turn.commit();
  const { pingInterval, grace } = turn.settings;
  turn.data.sockets.set(socket, {
    state: "joined",
    participant: claims.participant,
    silentAt: turn.now + 3 * pingInterval,
    messages: fullBucket(turn.settings.messageBurst, turn.now),
  });
  turn.send({ effect: "welcome", to: socket, participant: claims.participant, pingInterval, grace });
  turn.send({ effect: "snapshot", to: socket, state: turn.data.state });
}

export function resync(turn: Turn, socket: SocketId): void {
  turn.send({ effect: "snapshot", to: socket, state: turn.data.state });
}

/** Sockets that have not said hello in time. */
export function expireWaiting(turn: Turn): void {
  for (const [id, socket] of turn.data.sockets) {
    if (socket.state === "waiting" && socket.deadline <= turn.now) {
      turn.dismiss(id, refusal("hello-late", "No hello came in time."));
    }
  }
}

function comeIn(turn: Turn, socket: SocketId, claims: Claims): boolean {
  if (turn.data.members.size >= turn.settings.participants) {
    turn.dismiss(socket, refusal("room-full", `This room has its ${turn.settings.participants} participants.`));
    return false;
  }
  turn.data.members.set(claims.participant, {
    id: claims.participant,
    claimedName: claims.name,
    place: { state: "connected", socket },
    sessions: [],
    making: 0,
    media: fullBucket(turn.settings.mediaBurst, turn.now),
  });
  turn.change({
    change: "joined",
    participant: {
      id: claims.participant,
      identity: claims.identity,
      name: claims.name,
      joinedAt: turn.now,
      connection: "connected",
      tracks: [],
    },
  });
  return true;
}

function comeBack(turn: Turn, member: Member, socket: SocketId, claims: Claims): void {
  if (member.place.state === "connected") {
    turn.dismiss(member.place.socket, refusal("replaced", "This participant has joined again from elsewhere."));
  } else {
    turn.change({ change: "connection", id: member.id, connection: "connected" });
  }
  member.place = { state: "connected", socket };
  if (claims.name !== member.claimedName) {
    member.claimedName = claims.name;
    turn.change({ change: "renamed", id: member.id, name: claims.name });
  }
}
