/** Chat: what is said, changed, deleted and reacted to. Every event goes to those it is for, and is kept for those who come back. */

import type { ChatEvent } from "@satsuma/protocol";
import { type Asker, brought, done, may, type Outcome, refused, type Speaker } from "../asker.ts";
import { take } from "../bucket.ts";
import type { ChatRecord } from "../data.ts";
import { devicesOf } from "../devices.ts";
import type { SocketId } from "../input.ts";
import { keep as keepTold } from "../kept.ts";
import { chatRecent, keyOf } from "../records.ts";
import type { Turn } from "../turn.ts";
import { isTooOld, noteAge } from "./forgetting.ts";

/** Different emoji under one message, and people under one emoji. */
const mostReactions = { emoji: 20, people: 1_000 };

/** Who the server is when it speaks. */
const server = "server";

interface Said {
  readonly text: string;
  readonly to?: string | undefined;
  readonly reply?: number | undefined;
  readonly mentions?: readonly string[] | undefined;
}

export function say(turn: Turn, asker: Asker, { text, to, reply, mentions }: Said): Outcome {
  const { data, settings, now } = turn;
  const wrong = refuseText(turn, text) ?? refuseTo(turn, asker, to) ?? refuseReply(turn, asker, reply);
  if (wrong) return wrong;
  const hasty = slowDown(turn, asker);
  if (hasty) return hasty;
  const receiver = to === undefined ? undefined : data.members.get(to)?.face;
  data.last.chat += 1;
  const seq = data.last.chat;
  const { participant = server, identity, name } = asker.actor;
  const record: ChatRecord = {
    seq,
    at: now,
    from: { participant, identity, name },
    text,
    ...(receiver && { to: { identity: receiver.identity, name: receiver.name } }),
    ...(reply !== undefined && { reply }),
    ...(mentions && mentions.length > 0 && { mentions }),
  };
  keep(turn, record);
  noteAge(turn, seq);
  data.chat.delete(seq - Math.min(chatRecent, settings.chatKept));
  if (seq - settings.chatKept > data.last.before) turn.touch(keyOf.chat(seq - settings.chatKept));
  publish(turn, record, { event: "said", message: messageFor(record, undefined) });
  return brought({ of: "say", seq });
}

export function edit(turn: Turn, speaker: Speaker, seq: number, text: string): Outcome {
  const { member } = speaker;
  const record = recent(turn, seq, member.face.identity);
  if (!record) return noSuchMessage;
  if (record.from.identity !== member.face.identity) return refused("not-allowed", "This message is not yours.");
  const wrong = refuseText(turn, text);
  if (wrong) return wrong;
  if (record.text === text) return done;
  const hasty = slowDown(turn, speaker);
  if (hasty) return hasty;
  const at = turn.now;
  keep(turn, { ...record, text, edited: at });
  publish(turn, record, { event: "edited", seq, text, at });
  return done;
}

export function deleteMessage(turn: Turn, asker: Asker, seq: number): Outcome {
  const reader = asker.kind === "member" ? asker.member.face.identity : undefined;
  const record = recent(turn, seq, reader);
  if (!record) return noSuchMessage;
  const own = record.from.identity === reader;
  if (!own && !may(asker, "moderate")) return refused("not-allowed", "This message is not yours.");
  const { at, from, to, reply } = record;
  keep(turn, { seq, at, from, text: "", deleted: true, ...(to && { to }), ...(reply !== undefined && { reply }) });
  publish(turn, record, { event: "deleted", seq });
  const who = { participant: from.participant, identity: from.identity };
  if (!own) turn.event({ type: "moderated", did: "delete", by: asker.actor, who, detail: String(seq) });
  return done;
}

export function react(turn: Turn, speaker: Speaker, seq: number, emoji: string, on: boolean): Outcome {
  const by = speaker.member.face.identity;
  const record = recent(turn, seq, by);
  if (!record) return noSuchMessage;
  const people = record.reactions?.[emoji] ?? [];
  if (people.includes(by) === on) return done;
  const kinds = Object.keys(record.reactions ?? {}).length;
  if (on && ((people.length === 0 && kinds >= mostReactions.emoji) || people.length >= mostReactions.people)) {
    return refused("limit-reached", "This message has all the reactions it takes.");
  }
  const hasty = slowDown(turn, speaker);
  if (hasty) return hasty;
  const next = on ? [...people, by] : people.filter((identity) => identity !== by);
  const { [emoji]: _, ...others } = record.reactions ?? {};
  keep(turn, { ...record, reactions: next.length > 0 ? { ...others, [emoji]: next } : others });
  publish(turn, record, { event: "reacted", seq, emoji, by, on, count: next.length });
  return done;
}

/** A message as this identity reads it; undefined for a reader who is not one of those it may be for. */
export function messageFor(record: ChatRecord, reader: string | undefined) {
  const { reactions, ...message } = record;
  if (!reactions || Object.keys(reactions).length === 0) return message;
  const counted = Object.entries(reactions).map(([emoji, people]) => {
    return [emoji, { count: people.length, mine: reader !== undefined && people.includes(reader) }] as const;
  });
  return { ...message, reactions: Object.fromEntries(counted) };
}

export function mayRead(record: ChatRecord, reader: string): boolean {
  return record.to === undefined || record.to.identity === reader || record.from.identity === reader;
}

/** Takes one from a member's rate of writing; gives the refusal when it is used up. */
export function slowDown(turn: Turn, asker: Asker): Outcome | undefined {
  if (asker.kind === "server") return undefined;
  const { chatRate, chatBurst } = turn.settings;
  const { rates } = asker.member;
  const next = take(rates.chat, chatRate, chatBurst, turn.now);
  if (next.tokens < 0) {
    const retryAfter = Math.ceil((-next.tokens * 1000) / chatRate);
    return refused("too-many-requests", `A member may write ${chatRate} messages a second.`, { retryAfter });
  }
  rates.chat = next;
  return undefined;
}

const noSuchMessage: Outcome = refused("not-found", "There is no such message, or it is too old to be changed.");

function refuseText({ settings }: Turn, text: string): Outcome | undefined {
  if (text.length <= settings.chatLength) return undefined;
  return refused("too-large", `A message may have ${settings.chatLength} characters.`);
}

function refuseTo(turn: Turn, asker: Asker, to: string | undefined): Outcome | undefined {
  if (to === undefined) return undefined;
  if (!may(asker, "direct")) return refused("not-allowed", "You may not write to one person alone here.");
  return turn.data.members.has(to) ? undefined : refused("not-found", "There is nobody of that id in the room.");
}

function refuseReply(turn: Turn, asker: Asker, reply: number | undefined): Outcome | undefined {
  if (reply === undefined) return undefined;
  const reader = asker.kind === "member" ? asker.member.face.identity : undefined;
  return recent(turn, reply, reader) ? undefined : noSuchMessage;
}

/** The server reads everything. */
function recent(turn: Turn, seq: number, reader: string | undefined): ChatRecord | undefined {
  const record = turn.data.chat.get(seq);
  if (!record || record.deleted || isTooOld(record.at, turn)) return undefined;
  return reader === undefined || mayRead(record, reader) ? record : undefined;
}

function keep(turn: Turn, record: ChatRecord): void {
  turn.data.chat.set(record.seq, record);
  turn.touch(keyOf.chat(record.seq));
}

function publish(turn: Turn, { from, to }: ChatRecord, event: ChatEvent): void {
  const { data, settings, now } = turn;
  data.last.told += 1;
  const n = data.last.told;
  const only = to && [from.identity, to.identity];
  keepTold(data.told, { n, event, at: now, ...(only && { only }) }, settings);
  turn.tell(only ? socketsOf(turn, only) : "everyone", { type: "chat", n, ...event });
}

function socketsOf({ data }: Turn, identities: readonly string[]): SocketId[] {
  const sockets: SocketId[] = [];
  for (const { place } of devicesOf(data, identities)) if (place.state === "connected") sockets.push(place.socket);
  return sockets;
}
