/** A room with people at both of its doors, and time in the hand. */
import type { OrangeClientMessage, OrangeRoomState, OrangeServerMessage } from "@satsuma/protocol";
import { type Effect, hearOrange, type Input, tellOrange } from "../src/index.ts";
import { Stage } from "./stage.ts";

export interface OrangePeer {
  readonly socket: number;
  readonly id: string;
  readonly received: OrangeServerMessage[];
  closed: number | undefined;
  lost: boolean;
}

/** Far from the numbers of the other door's sockets. */
const firstSocket = 1_000_000;

export class TwoDialects extends Stage {
  readonly orange: OrangePeer[] = [];

  enter(id: string, sessions: readonly string[] = [], person = `person-${id}`): OrangePeer {
    const peer: OrangePeer = {
      socket: firstSocket + this.orange.length,
      id,
      received: [],
      closed: undefined,
      lost: false,
    };
    this.orange.push(peer);
    const since = this.now;
    this.play({ input: "orange-opened", socket: peer.socket, id, name: id, person, since, sessions });
    return peer;
  }

  say(peer: OrangePeer, message: OrangeClientMessage): void {
    if (isLive(peer)) this.play(hearOrange(peer.socket, JSON.stringify(message)));
  }

  cut(peer: OrangePeer): void {
    if (!isLive(peer)) return;
    peer.lost = true;
    this.play({ input: "closed", socket: peer.socket });
  }

  live(): OrangePeer[] {
    return this.orange.filter(isLive);
  }

  override play(input: Input): Effect[] {
    const effects = super.play(input);
    for (const effect of effects) {
      if (effect.effect === "orange")
        for (const to of effect.to) this.#peer(to).received.push(JSON.parse(tellOrange(effect)));
      if (effect.effect === "orange-close") this.#peer(effect.to).closed = effect.code;
    }
    return effects;
  }

  override restart(): void {
    for (const peer of this.orange) peer.lost = true;
    super.restart();
  }

  #peer(socket: number): OrangePeer {
    const peer = this.orange[socket - firstSocket];
    if (!peer || !isLive(peer)) throw new Error(`an effect for socket ${socket}, which is gone`);
    return peer;
  }
}

export function stateOf(peer: OrangePeer): OrangeRoomState | undefined {
  return peer.received.findLast((message) => message.type === "roomState")?.state;
}

function isLive(peer: OrangePeer): boolean {
  return !peer.lost && peer.closed === undefined;
}
