/** What can be asked of a room besides what its sockets say, and what it answers. */
import type { Handle } from "@satsuma/durable";
import type { ApiPage, Note, NotedCall, Participant, Presence, RoomState } from "@satsuma/protocol";
import type { Input, MediaOperation, Order, Answer as Ordered, Room, Verdict } from "@satsuma/rooms";
import type { Diary, DiaryPart } from "./diary.ts";
import type { NotesWanted } from "./notebook.ts";
import type { RoomObject } from "./object.ts";

interface Asked {
  /** Whether a member may have this done by the media server. */
  readonly authorize: {
    readonly question: { readonly participant: string; readonly operation: MediaOperation };
    readonly answer: Verdict;
  };
  /** Gives a new media session to its participant; false if they are not here to take it. */
  readonly bind: {
    readonly question: { readonly participant: string; readonly session: string };
    readonly answer: boolean;
  };
  readonly unmade: { readonly question: { readonly participant: string }; readonly answer: undefined };
  readonly unbound: { readonly question: { readonly session: string }; readonly answer: undefined };
  /** Those of the wanted `session/name` that a person of Orange's door may pull in this room. */
  readonly "orange-pullable": {
    readonly question: { readonly person: string; readonly wanted: readonly string[] };
    readonly answer: readonly string[];
  };
  /** Gives a new media session to its person. */
  readonly "orange-bind": {
    readonly question: { readonly person: string; readonly session: string };
    readonly answer: undefined;
  };
  /** What everybody sees, and who is there, listeners included. */
  readonly inspect: { readonly question: object; readonly answer: Inspection };
  /** Something that the server's API asks, on behalf of `by`. */
  readonly order: {
    readonly question: { readonly by: string; readonly order: Order };
    readonly answer: Ordered;
  };
  /** A request to the media server that a member had carried out, or was refused. Whether its session is theirs now. */
  readonly note: {
    readonly question: { readonly participant: string; readonly call: NotedCall };
    readonly answer: boolean;
  };
  /** Notes for whoever looks into it, oldest first. */
  readonly notes: {
    readonly question: { readonly part: DiaryPart; readonly wanted: NotesWanted };
    readonly answer: ApiPage<Note>;
  };
  readonly sessions: { readonly question: { readonly participant: string }; readonly answer: readonly string[] };
}

export interface Inspection {
  readonly state: RoomState;
  readonly presence: Presence;
  readonly people: readonly Participant[];
  readonly kept: boolean;
}

type Kind = keyof Asked;
export type Question = { [K in Kind]: { readonly ask: K } & Asked[K]["question"] }[Kind];
export type Answer = Asked[Kind]["answer"];

/** Rejects with a RefusedError when the room cannot be asked. */
export async function askRoom<K extends Kind>(
  room: Handle<RoomObject>,
  ask: K,
  question: Asked[K]["question"],
): Promise<Asked[K]["answer"]> {
  return (await room.ask({ ask, ...question } as Question)) as Asked[K]["answer"];
}

/** A room that answers: its core, and the way inputs take to it. */
export interface Answering {
  readonly room: Room;
  readonly diary: Diary;
  readonly now: number;
  handle(input: Input): void;
  /** The answer may need what is stored, and comes later then. */
  order(by: string, order: Order): Promise<Ordered> | Ordered;
}

export function answer(question: Question, { room, diary, now, handle, order }: Answering): Promise<Answer> | Answer {
  switch (question.ask) {
    case "authorize":
      return room.authorize(question.participant, question.operation, now);
    case "bind": {
      const { participant, session } = question;
      handle({ input: "bound", participant, session });
      return room.sessionsOf(participant).includes(session);
    }
    case "unmade":
      return void handle({ input: "unmade", participant: question.participant });
    case "orange-pullable":
      return room.pullableBy(question.person, question.wanted, now);
    case "orange-bind":
      return void handle({ input: "orange-bound", person: question.person, session: question.session });
    case "unbound":
      return void handle({ input: "unbound", session: question.session });
    case "inspect":
      return { state: room.state, presence: room.presence, people: room.people(), kept: room.kept };
    case "order":
      return order(question.by, question.order);
    case "note": {
      const { participant, call } = question;
      const { session } = call;
      handle({ input: "noted", participant, call });
      // A name that is very long was cut for the note.
      return session !== undefined && room.sessionsOf(participant).some((own) => own.startsWith(session));
    }
    case "notes":
      return diary.page(question.part, question.wanted);
    case "sessions":
      return room.sessionsOf(question.participant);
  }
}
