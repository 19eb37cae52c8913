/** The room's core alone, with time in the hand: fifteen seconds of silence take no time at all. */
import type { OrangeServerMessage } from "@satsuma/protocol";
import {
  type AiAnswer,
  type AiRequest,
  defaultRoomSettings,
  type Effect,
  hearOrange,
  Room,
  tellOrange,
} from "@satsuma/rooms";
import type { Client, Who, World } from "./world.ts";

interface Peer extends Client {
  readonly received: OrangeServerMessage[];
  closed: Client["closed"];
  isCut: boolean;
  nextBeat: number;
}

/** Milliseconds that anything may take; twice what Orange needs to notice that somebody is gone. */
const patience = 60_000;
/** Milliseconds in which the AI service answers. */
const answerAfter = 500;

export class VirtualWorld implements World {
  readonly name = "the core";
  readonly capabilities: World["capabilities"];
  readonly times = defaultRoomSettings.orange;
  readonly #rooms = new Map<string, { readonly core: Room; readonly peers: Map<number, Peer> }>();
  readonly #answers: { readonly at: number; readonly room: string; readonly answer: AiAnswer }[] = [];
  #now = 1_000_000;
  #sockets = 0;

  constructor(ai: boolean) {
    this.capabilities = { ai, handClock: true };
  }

  now(): number {
    return this.#now;
  }

  async open(room: string, { id, name, beats = true }: Who): Promise<Client> {
    this.#sockets += 1;
    const socket = this.#sockets;
    const place = this.#rooms.get(room) ?? { core: new Room(defaultRoomSettings, `life-${room}`), peers: new Map() };
    this.#rooms.set(room, place);
    const peer: Peer = {
      id,
      received: [],
      closed: undefined,
      isCut: false,
      nextBeat: beats ? this.#now : Number.POSITIVE_INFINITY,
      send: (message) => {
        const frame = typeof message === "string" ? message : JSON.stringify(message);
        if (!peer.isCut && !peer.closed) this.#play(room, hearOrange(socket, frame));
      },
      cut: () => {
        peer.isCut = true;
        this.#play(room, { input: "closed", socket });
      },
      until: (look) => this.#until(look),
    };
    place.peers.set(socket, peer);
    this.#play(room, { input: "orange-opened", socket, id, name, person: name, since: this.#now, sessions: [] });
    return peer;
  }

  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    while (this.#step(end));
    this.#now = end;
  }

  async close(): Promise<void> {}

  async #until<T>(look: () => T | undefined | false): Promise<T> {
    const end = this.#now + patience;
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      if (!this.#step(end)) throw new Error("It did not come true in a minute.");
    }
  }

  /** The next thing that time brings, if it is not after `end`. */
  #step(end: number): boolean {
    let next = this.#answers[0]?.at ?? Number.POSITIVE_INFINITY;
    for (const { core, peers } of this.#rooms.values()) {
      next = Math.min(next, core.nextDeadline() ?? next);
      for (const peer of peers.values()) if (isLive(peer)) next = Math.min(next, peer.nextBeat);
    }
    if (next > end) return false;
    this.#now = Math.max(this.#now, next);
    const [due] = this.#answers;
    if (due && due.at <= this.#now) {
      this.#answers.shift();
      this.#play(due.room, { input: "ai", answer: due.answer });
    }
    for (const [room, { core, peers }] of this.#rooms) {
      for (const peer of peers.values()) {
        if (!isLive(peer) || peer.nextBeat > this.#now) continue;
        peer.nextBeat += this.times.heartbeatWithin / 3;
        peer.send({ type: "heartbeat" });
      }
      if ((core.nextDeadline() ?? Number.POSITIVE_INFINITY) <= this.#now) this.#play(room, { input: "wake" });
    }
    return true;
  }

  #play(room: string, input: Parameters<Room["handle"]>[0]): void {
    const place = this.#rooms.get(room);
    for (const effect of place?.core.handle(input, this.#now) ?? []) this.#perform(room, effect);
  }

  #perform(room: string, effect: Effect): void {
    const peers = this.#rooms.get(room)?.peers;
    if (effect.effect === "orange") {
      for (const to of effect.to) {
        const peer = peers?.get(to);
        if (!peer || !isLive(peer)) throw new Error(`a message for socket ${to}, which is gone`);
        peer.received.push(JSON.parse(tellOrange(effect)));
      }
    } else if (effect.effect === "orange-close") {
      const peer = peers?.get(effect.to);
      if (peer) peer.closed = { code: effect.code, reason: effect.reason };
    } else if (effect.effect === "ai" && effect.request.ask !== "disconnect") {
      const at = this.#now + answerAfter;
      this.#answers.push({
        at,
        room,
        answer: this.capabilities.ai ? answerTo(effect.request) : failed(effect.request),
      });
    }
  }
}

type Asked = Exclude<AiRequest, { ask: "disconnect" }>;

function failed({ number }: Asked): AiAnswer {
  return { answer: "failed", number };
}

function answerTo({ ask, number }: Asked): AiAnswer {
  if (ask === "listen") return { answer: "listening", number };
  return { answer: "connected", number, session: "ai-session", track: "ai-generated-voice" };
}

function isLive(peer: Peer): boolean {
  return !peer.isCut && peer.closed === undefined;
}
