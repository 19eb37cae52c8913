/**
 * A room with time in the hand: plays inputs, turns the alarm, keeps what every socket was sent, and what was stored.
 *
 * It is a shell like the real ones, without a network: it holds every socket to the rules of a room's effects while it
 * performs them.
 */
import {
  applyDelta,
  applyPresence,
  type CommandResult,
  type Grant,
  type Note,
  type Presence,
  type RoomEvent,
  type RoomState,
  type ServerMessage,
  settlePresence,
} from "@satsuma/protocol";
import {
  type Answer,
  type Claims,
  type CloseReason,
  defaultRoomSettings,
  type Effect,
  type Entrance,
  type Input,
  type Order,
  Room,
  type RoomCommand,
  type RoomSettings,
  restorable,
  tell,
} from "../src/index.ts";

export interface Peer {
  readonly socket: number;
  readonly received: ServerMessage[];
  /** The room as this peer sees it; undefined before its first snapshot, and after a delta that does not follow. */
  view: RoomState | undefined;
  presence: Presence | undefined;
  /** As whom it was welcomed. */
  participant: string;
  /** How far it has come, to be told when it comes back. */
  lineage: string;
  chat: number;
  closed: CloseReason | undefined;
  /** The network dropped it. */
  lost: boolean;
}

/** A command with what it found and what it left. */
export interface Observed {
  readonly command: RoomCommand;
  readonly answer: ServerMessage | undefined;
  readonly grants: readonly Grant[];
  readonly before: unknown;
  readonly after: unknown;
  readonly repeated: boolean;
}

export class Stage {
  readonly settings: RoomSettings;
  room: Room;
  now = 1_000_000;
  ended = 0;
  readonly released: string[] = [];
  readonly stopped: string[] = [];
  readonly peers = new Map<number, Peer>();
  readonly deltas: number[] = [];
  readonly events: RoomEvent[] = [];
  readonly notes: Note[] = [];
  readonly answers = new Map<number, Answer>();
  stored = new Map<string, string>();
  /** Is shown every command that a test of any order makes, if it wants to be. */
  observe: ((observed: Observed) => void) | undefined;
  #lastId = 0;
  #lives = 1;
  readonly #joined = new Set<number>();

  constructor(settings: Partial<RoomSettings> = {}) {
    this.settings = { ...defaultRoomSettings, ...settings };
    this.room = new Room(this.settings, "life-1");
  }

  open(): Peer {
    const peer: Peer = {
      socket: this.peers.size + 1,
      received: [],
      view: undefined,
      presence: undefined,
      participant: "",
      lineage: "",
      chat: 0,
      closed: undefined,
      lost: false,
    };
    this.peers.set(peer.socket, peer);
    this.play({ input: "opened", socket: peer.socket });
    return peer;
  }

  hello(peer: Peer, participant: string, claims: Partial<Claims> = {}, entrance: Entrance = {}): void {
    this.play({ input: "hello", socket: peer.socket, claims: claimsOf(participant, claims), ...entrance });
  }

  /** All open their sockets, and then they say hello at once. */
  crowd(participants: readonly string[], claims: Partial<Claims> = {}, entrance: Entrance = {}): Peer[] {
    const peers = participants.map(() => this.open());
    const hellos = participants.flatMap((participant, index) => {
      const { socket, closed } = peers[index] as Peer;
      return closed === undefined ? [{ socket, claims: claimsOf(participant, claims), ...entrance }] : [];
    });
    this.play({ input: "hellos", hellos });
    return peers;
  }

  join(participant: string, claims: Partial<Claims> = {}, entrance: Entrance = {}): Peer {
    const peer = this.open();
    this.hello(peer, participant, claims, entrance);
    return peer;
  }

  host(participant = "host"): Peer {
    return this.join(participant, { role: "host" });
  }

  /** Comes back on a new socket and takes up where `peer` was. */
  resume(peer: Peer, claims: Partial<Claims> = {}, client?: string): Peer {
    const back = this.open();
    back.view = peer.view;
    back.presence = peer.presence;
    const resume = { lineage: peer.lineage, version: peer.view?.version ?? 0, chat: peer.chat };
    this.hello(back, peer.participant, claims, { client, resume });
    return back;
  }

  /** Sends a command and gives the answer to it. */
  command(peer: Peer, command: RoomCommand, id = this.#lastId + 1): ServerMessage | undefined {
    this.#lastId = Math.max(this.#lastId, id);
    const heard = peer.received.length;
    this.play({ input: "command", socket: peer.socket, id, command });
    const answers = peer.received.slice(heard);
    return answers.find((message) => (message.type === "ack" || message.type === "error") && message.id === id);
  }

  /** What a command brought; throws unless it was done. */
  result(peer: Peer, command: RoomCommand): CommandResult | undefined {
    const answer = this.command(peer, command);
    if (answer?.type !== "ack") throw new Error(`not done: ${JSON.stringify(answer)}`);
    return answer.result;
  }

  order(order: Order): Answer | undefined {
    this.#lastId += 1;
    const ticket = this.#lastId;
    this.play({ input: "order", ticket, by: "operator", order });
    return this.answers.get(ticket);
  }

  lose(peer: Peer, leaving?: boolean): void {
    peer.lost = true;
    this.#joined.delete(peer.socket);
    this.play({ input: "closed", socket: peer.socket, leaving });
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
    for (const peer of this.peers.values()) peer.lost = true;
    this.#joined.clear();
    this.#lives += 1;
    this.room = Room.restore(this.settings, this.loaded(), this.now, `life-${this.#lives}`);
  }

  /** The records that a shell reads for a restore. */
  loaded(): [string, unknown][] {
    return restorable.flatMap(({ prefix, last }) => this.#records(prefix).slice(0, last));
  }

  /** Newest first. */
  #records(prefix: string, below = `${prefix}\uffff`): [string, unknown][] {
    const keys = [...this.stored.keys()]
      .filter((key) => key.startsWith(prefix) && key < below)
      .sort()
      .reverse();
    return keys.map((key) => [key, JSON.parse(this.stored.get(key) ?? "null")]);
  }

  #take(effect: Effect): void {
    switch (effect.effect) {
      case "ended":
        this.ended += 1;
        break;
      case "release":
        this.released.push(...effect.sessions);
        break;
      case "stop":
        this.stopped.push(...effect.tracks.map(({ session, name }) => `${session}/${name}`));
        break;
      case "store":
        for (const [key, value] of effect.puts) this.stored.set(key, JSON.stringify(value));
        for (const key of effect.deletes) this.stored.delete(key);
        break;
      case "event":
        if (!this.stored.has(`event:${String(effect.event.seq).padStart(16, "0")}`)) {
          throw new Error("an event is told before it is stored");
        }
        this.events.push(effect.event);
        break;
      case "note":
        this.notes.push(effect.note);
        break;
      case "answer":
        this.answers.set(effect.ticket, effect.answer);
        break;
      case "history": {
        const records = this.#records(effect.prefix, effect.below).slice(0, effect.limit);
        const { effect: _, ...request } = effect;
        this.play({ input: "history", request, records });
        break;
      }
      case "close":
        this.#peer(effect.to).closed = effect.reason;
        this.#joined.delete(effect.to);
        break;
      case "send": {
        const message = JSON.parse(tell(effect.message)) as ServerMessage;
        if (message.type === "delta" && effect.to === "everyone") this.deltas.push(message.version);
        for (const socket of effect.to === "everyone" ? this.#joined : effect.to) {
          this.#receive(this.#peer(socket), message);
          if (message.type === "welcome") this.#joined.add(socket);
        }
        break;
      }
    }
  }

  #peer(socket: number): Peer {
    const peer = this.peers.get(socket);
    if (!peer) throw new Error(`an effect for socket ${socket}, which never was`);
    if (peer.lost) throw new Error(`an effect for socket ${socket}, which is lost`);
    if (peer.closed !== undefined) throw new Error(`an effect for socket ${socket}, which the room has closed`);
    return peer;
  }

  #receive(peer: Peer, message: ServerMessage): void {
    peer.received.push(message);
    switch (message.type) {
      case "welcome":
        peer.participant = message.participant;
        peer.lineage = message.lineage;
        break;
      case "snapshot":
        peer.view = message.state;
        peer.presence = message.presence;
        peer.chat = message.chat;
        break;
      case "presence":
        peer.presence = message.presence;
        break;
      case "signals":
        peer.presence = peer.presence && applyPresence(peer.presence, message);
        break;
      case "delta":
        peer.view = peer.view && applyDelta(peer.view, message);
        peer.presence = peer.presence && message.changes.reduce(settlePresence, peer.presence);
        break;
      case "chat":
        peer.chat = message.n;
        break;
    }
  }
}

/** The messages of one type that a peer has received. */
export function heard<Type extends ServerMessage["type"]>(
  peer: Peer,
  type: Type,
): Extract<ServerMessage, { type: Type }>[] {
  return peer.received.filter((message): message is Extract<ServerMessage, { type: Type }> => message.type === type);
}

/** What a peer was last told it may do. */
export function grantsOf(peer: Peer): readonly Grant[] {
  const told = peer.received.findLast((message) => message.type === "welcome" || message.type === "you");
  return told?.type === "welcome" || told?.type === "you" ? told.you.grants : [];
}

export function microphone(session: string, name = "mic") {
  return { name, kind: "audio", source: "microphone", session, muted: false } as const;
}

export function camera(session: string, name = "cam") {
  return { name, kind: "video", source: "camera", session, muted: false } as const;
}

function claimsOf(participant: string, claims: Partial<Claims>): Claims {
  return { room: "room", participant, identity: `person-${participant}`, name: participant, ...claims };
}
