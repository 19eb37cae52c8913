/** A room with time in the hand: plays inputs, turns the alarm, and keeps what every socket was sent. */
import { applyDelta, type Command, type RoomState, type ServerMessage } from "@satsuma/protocol";
import {
  type CloseReason,
  defaultRoomSettings,
  type Effect,
  type Input,
  Room,
  type RoomSettings,
  tell,
} from "../src/index.ts";

export interface Peer {
  readonly socket: number;
  readonly received: ServerMessage[];
  /** The room as this peer sees it; undefined before its first snapshot, and after a delta that does not follow. */
  view: RoomState | undefined;
  closed: CloseReason | undefined;
  /** The network dropped it. */
  lost: boolean;
}

export class Stage {
  readonly settings: RoomSettings;
  room: Room;
  now = 1_000_000;
  ended = 0;
  readonly released: string[] = [];
  readonly peers = new Map<number, Peer>();
  readonly deltas: number[] = [];
  #lastId = 0;

  constructor(settings: Partial<RoomSettings> = {}) {
    this.settings = { ...defaultRoomSettings, ...settings };
    this.room = new Room(this.settings);
  }

  open(): Peer {
    const peer: Peer = { socket: this.peers.size + 1, received: [], view: undefined, closed: undefined, lost: false };
    this.peers.set(peer.socket, peer);
    this.play({ input: "opened", socket: peer.socket });
    return peer;
  }

  hello(peer: Peer, participant: string, name = participant): void {
    const claims = { room: "room", participant, identity: `person-${participant}`, name };
    this.play({ input: "hello", socket: peer.socket, claims });
  }

  join(participant: string, name = participant): Peer {
    const peer = this.open();
    this.hello(peer, participant, name);
    return peer;
  }

  /** Sends a command and gives the answer to it. */
  command(peer: Peer, command: Command): ServerMessage | undefined {
    this.#lastId += 1;
    const id = this.#lastId;
    this.play({ input: "command", socket: peer.socket, id, command });
    return peer.received.find((message) => (message.type === "ack" || message.type === "error") && message.id === id);
  }

  lose(peer: Peer): void {
    peer.lost = true;
    this.play({ input: "closed", socket: peer.socket });
  }

  bind(participant: string, session: string): void {
    this.play({ input: "bound", participant, session });
  }

  /** Lets time pass, and wakes the room whenever it asked to be. */
  pass(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (;;) {
      const deadline = this.room.nextDeadline();
      if (deadline === undefined || deadline > end) break;
      if (deadline < this.now) throw new Error("the room asks to be woken in the past");
      this.now = deadline;
      this.play({ input: "wake" });
      if (this.room.nextDeadline() === deadline) throw new Error("a deadline was met and is still there");
    }
    this.now = end;
  }

  play(input: Input): Effect[] {
    const effects = this.room.handle(input, this.now);
    for (const effect of effects) this.#take(effect);
    return effects;
  }

  /** The process ends and another one reads the room back: all sockets are gone. */
  restart(): void {
    const record = JSON.parse(JSON.stringify(this.room.snapshot()));
    for (const peer of this.peers.values()) peer.lost = true;
    this.room = Room.restore(this.settings, record, this.now);
  }

  #take(effect: Effect): void {
    if (effect.effect === "ended") {
      this.ended += 1;
      return;
    }
    if (effect.effect === "release") {
      this.released.push(...effect.sessions);
      return;
    }
    if (effect.effect === "delta") this.deltas.push(effect.delta.version);
    for (const socket of effect.effect === "delta" ? effect.to : [effect.to]) {
      const peer = this.peers.get(socket);
      if (!peer) throw new Error(`an effect for socket ${socket}, which never was`);
      if (peer.lost) throw new Error(`an effect for socket ${socket}, which is lost`);
      if (peer.closed !== undefined) throw new Error(`an effect for socket ${socket}, which the room has closed`);
      if (effect.effect === "close") peer.closed = effect.reason;
      else this.#receive(peer, JSON.parse(tell(effect)) as ServerMessage);
    }
  }

  #receive(peer: Peer, message: ServerMessage): void {
    peer.received.push(message);
    if (message.type === "snapshot") peer.view = message.state;
    if (message.type === "delta") peer.view = peer.view && applyDelta(peer.view, message);
  }
}

export function microphone(session: string, name = "mic") {
  return { name, kind: "audio", source: "microphone", session, muted: false } as const;
}
