/**
 * Reading what is only in storage: older chat messages, and the log of events. The room does not wait for it: it asks its
 * shell for a page, and answers the command when the page has come.
 */
import type { RoomEvent } from "@satsuma/protocol";
import { type Asker, brought, type Outcome, pending } from "../asker.ts";
import type { ChatRecord } from "../data.ts";
import type { HistoryRequest } from "../effect.ts";
import type { Input } from "../input.ts";
import { keyOf } from "../records.ts";
import type { Turn } from "../turn.ts";
import { mayRead, messageFor } from "./chatting.ts";
import { isTooOld } from "./forgetting.ts";

/** Records that are looked through for one page: among them are messages that are not for the reader. */
const lookedThrough = 200;

type History = Extract<Input, { input: "history" }>;

export function read(turn: Turn, asker: Asker, before: number | undefined, limit: number): Outcome {
  return ask(turn, asker, "chat:", keyOf.chat(before ?? turn.data.last.chat + 1), limit, lookedThrough);
}

export function audit(turn: Turn, asker: Asker, before: number | undefined, limit: number): Outcome {
  return ask(turn, asker, "event:", keyOf.event(before ?? turn.data.last.event + 1), limit, limit + 1);
}

/** What the page says to whoever asked for it. */
export function page(turn: Turn, { request, records }: History, reader: string | undefined): Outcome {
  const { wanted } = request.asked;
  if (request.prefix === "event:") {
    const events = records.map(([, value]) => value as RoomEvent);
    return brought({ of: "audit", events: events.slice(0, wanted), more: events.length > wanted });
  }
  const { before } = turn.data.last;
  const all = records
    .map(([, value]) => value as ChatRecord)
    .filter(({ seq, at }) => {
      return seq > before && !isTooOld(at, turn);
    });
  const mine = all.filter((record) => reader === undefined || mayRead(record, reader));
  const messages = mine.slice(0, wanted).map((record) => messageFor(record, reader));
  const more = mine.length > wanted || all.length === request.limit;
  return brought({ of: "read", messages, more });
}

function ask(
  turn: Turn,
  asker: Asker,
  prefix: HistoryRequest["prefix"],
  below: string,
  wanted: number,
  limit: number,
): Outcome {
  const asked =
    asker.kind === "member"
      ? ({ by: "member", socket: asker.socket, id: asker.id, wanted } as const)
      : ({ by: "server", ticket: asker.ticket, wanted } as const);
  turn.send({ effect: "history", prefix, below, limit, asked });
  return pending;
}
