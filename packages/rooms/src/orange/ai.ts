/**
 * The AI as a member of the room: whether it is there, who speaks to it, and what the room says of that.
 *
 * Whoever connects it is the shell's AI service; the room asks and is answered by an input. Every request carries a
 * number, and the answer to one that has been overtaken changes nothing.
 */
import { type OrangeAi, type OrangeTrackObject, type OrangeUser, orangeAiUser, refusal } from "@satsuma/protocol";
import type { Seat } from "./data.ts";
import type { OrangeTurn } from "./turn.ts";

/** Where the AI's voice is at the media server. */
export interface Voice {
  readonly session: string;
  readonly track: string;
}

export interface Ai {
  /** Present while it is enabled. */
  voice?: Voice | undefined;
  /** The request that is under way to bring it in; `false` once there was one. */
  connecting?: number | false | undefined;
  error?: string | undefined;
  controlling?: string | undefined;
  /** Who has asked to speak, and the number of the request. */
  asking?: { readonly id: string; readonly number: number } | undefined;
}

export type AiRequest =
  | {
      readonly ask: "connect";
      readonly number: number;
      readonly meeting: string;
      readonly instructions?: string | undefined;
      readonly voice?: string | undefined;
    }
  /** What the AI hears from now on. */
  | { readonly ask: "listen"; readonly number: number; readonly session: string; readonly to: OrangeTrackObject }
  | { readonly ask: "disconnect"; readonly session: string };

export type AiAnswer =
  | ({ readonly answer: "connected"; readonly number: number } & Voice)
  | { readonly answer: "listening"; readonly number: number }
  /** Of either request. What went wrong is in the shell's log. */
  | { readonly answer: "failed"; readonly number: number };

export function enableAi(turn: OrangeTurn, instructions: string | undefined, voice: string | undefined): void {
  const { data } = turn;
  const meeting = turn.floor.meeting();
  if (typeof data.ai.connecting === "number" || meeting === undefined) return;
  const number = nextNumber(turn);
  data.ai = { ...data.ai, connecting: number, error: undefined };
  turn.changed();
  turn.send({ effect: "ai", request: { ask: "connect", number, meeting, instructions, voice } });
}

export function disableAi(turn: OrangeTurn): void {
  endAi(turn);
  turn.changed();
}

export function requestAiControl(turn: OrangeTurn, seat: Seat, track: OrangeTrackObject): void {
  const { ai } = turn.data;
  if (ai.asking) return;
  if (!ai.voice) {
    if (seat.socket !== undefined) turn.refuse(seat.socket, refusal("not-found", "There is no AI in this room."));
    return;
  }
  const number = nextNumber(turn);
  turn.data.ai = { ...ai, asking: { id: seat.id, number } };
  turn.send({ effect: "ai", request: { ask: "listen", number, session: ai.voice.session, to: track } });
}

/** Whoever says so: each client does once when its button appears, and Orange asks no further. */
export function relinquishAiControl(turn: OrangeTurn): void {
  turn.data.ai = { ...turn.data.ai, controlling: undefined, asking: undefined };
  turn.changed();
}

export function hearAi(turn: OrangeTurn, answer: AiAnswer): void {
  const { ai } = turn.data;
  if (ai.connecting === answer.number) connected(turn, answer);
  else if (ai.asking?.number === answer.number) listening(turn, ai.asking.id, answer);
  else if (answer.answer === "connected")
    turn.send({ effect: "ai", request: { ask: "disconnect", session: answer.session } });
}

/** Who is gone speaks to nobody. */
export function forgetSpeaker(turn: OrangeTurn, id: string): void {
  const { ai } = turn.data;
  if (ai.controlling === id) turn.data.ai = { ...ai, controlling: undefined };
  if (ai.asking?.id === id) turn.data.ai = { ...turn.data.ai, asking: undefined };
}

export function endAi(turn: OrangeTurn): void {
  const { voice } = turn.data.ai;
  if (voice) turn.send({ effect: "ai", request: { ask: "disconnect", session: voice.session } });
  turn.data.ai = {};
  turn.floor.touch("ai");
}

export function aiOf({ voice, connecting, error, controlling }: Ai): OrangeAi {
  return {
    enabled: voice !== undefined,
    ...(controlling !== undefined && { controllingUser: controlling }),
    ...(connecting !== undefined && { connectionPending: connecting !== false }),
    ...(error !== undefined && { error }),
  };
}

export function aiUserOf({ voice }: Ai): OrangeUser | undefined {
  if (!voice) return undefined;
  return {
    id: orangeAiUser,
    name: "AI",
    joined: true,
    raisedHand: false,
    transceiverSessionId: voice.session,
    speaking: false,
    tracks: {
      audioEnabled: true,
      audio: `${voice.session}/${voice.track}`,
      audioUnavailable: false,
      videoEnabled: false,
      screenShareEnabled: false,
    },
  };
}

function connected(turn: OrangeTurn, answer: AiAnswer): void {
  const { ai } = turn.data;
  turn.changed();
  if (answer.answer !== "connected") {
    turn.data.ai = { ...ai, connecting: false, error: "Error establishing connection with AI" };
    return;
  }
  // Enabled twice: the one of before is not left running.
  if (ai.voice) turn.send({ effect: "ai", request: { ask: "disconnect", session: ai.voice.session } });
  turn.data.ai = { ...ai, connecting: false, voice: { session: answer.session, track: answer.track } };
  turn.floor.touch("ai");
}

function listening(turn: OrangeTurn, id: string, answer: AiAnswer): void {
  turn.data.ai = { ...turn.data.ai, asking: undefined };
  if (answer.answer === "listening") {
    turn.data.ai.controlling = id;
    turn.changed();
    return;
  }
  const socket = turn.data.seats.get(id)?.socket;
  if (socket !== undefined) turn.refuse(socket, refusal("media-unavailable", "The AI could not be made to listen."));
}

function nextNumber({ data }: OrangeTurn): number {
  data.aiRequests += 1;
  return data.aiRequests;
}
