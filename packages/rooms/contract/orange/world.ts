/** A room server that speaks Orange's dialect, wherever it runs, and the clients that a script has there. */
import type { OrangeClientMessage, OrangeRoomState, OrangeServerMessage, OrangeUser } from "@satsuma/protocol";

export interface World {
  readonly name: string;
  readonly capabilities: {
    /** An AI service stands behind the room; without one, the room has none to ask. */
    readonly ai: boolean;
    /** Time passes only when told, so that its absolute values can be tested. */
    readonly handClock: boolean;
  };
  /** Milliseconds, as this world has them: a real one is too impatient for Orange's own. */
  readonly times: { readonly heartbeatWithin: number; readonly alarmInterval: number; readonly window: number };
  /** Milliseconds, by the room's clock. */
  now(): number;
  /** Resolves when the socket is open. */
  open(room: string, who: Who): Promise<Client>;
  /** Lets time pass; clients that beat go on beating. */
  pass(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

export interface Who {
  readonly id: string;
  readonly name: string;
  /** Whether it sends a heartbeat three times in `heartbeatWithin`, as Orange's client does. True by default. */
  readonly beats?: boolean;
}

export interface Client {
  readonly id: string;
  readonly received: readonly OrangeServerMessage[];
  readonly closed: { readonly code: number; readonly reason: string } | undefined;
  /** A text is sent as it is. */
  send(message: OrangeClientMessage | string): void;
  /** Ends the connection without a word, and does not come back. */
  cut(): void;
  /** Resolves with the first thing that `look` finds; time passes meanwhile. Rejects when that takes too long. */
  until<T>(look: () => T | undefined | false): Promise<T>;
}

/** What a client holds: the last state it was sent. */
export function stateOf(client: Client): OrangeRoomState | undefined {
  return client.received.findLast((message) => message.type === "roomState")?.state;
}

export function userIn(client: Client, id: string): OrangeUser | undefined {
  return stateOf(client)?.users.find((user) => user.id === id);
}

export function heard<Type extends OrangeServerMessage["type"]>(
  client: Client,
  type: Type,
): Extract<OrangeServerMessage, { type: Type }>[] {
  return client.received.filter((message) => message.type === type) as Extract<OrangeServerMessage, { type: Type }>[];
}

/** Resolves when everything that was said to the room before has come to this client: nothing is looked for in vain. */
export async function settled(client: Client): Promise<void> {
  const before = heard(client, "partyserver-pong").length;
  client.send({ type: "partyserver-ping" });
  await client.until(() => heard(client, "partyserver-pong").length > before);
}

/** A user as Orange's client describes itself, in the room and with three tracks. */
export function joined(id: string, name: string, changes: Partial<OrangeUser> = {}): OrangeUser {
  return {
    id,
    name,
    transceiverSessionId: `session-${id}`,
    raisedHand: false,
    speaking: false,
    joined: true,
    tracks: {
      audio: `session-${id}/audio-${id}`,
      audioEnabled: true,
      audioUnavailable: false,
      video: `session-${id}/video-${id}`,
      videoEnabled: true,
      screenshare: `session-${id}/screen-${id}`,
      screenShareEnabled: false,
    },
    ...changes,
  };
}

/** A client that has pressed Join, and whom it sees itself as having done so. */
export async function enter(world: World, room: string, id: string, name = id): Promise<Client> {
  const client = await world.open(room, { id, name });
  client.send({ type: "userUpdate", user: joined(id, name) });
  await client.until(() => userIn(client, id)?.joined);
  return client;
}
