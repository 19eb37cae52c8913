/**
 * One hook per idea about how a meeting is run: hands, polls, who waits at the door, what a moderator may do.
 *
 * Commands resolve with the room's answer, in which a refusal is an answer too. Whether one may is told beforehand by
 * `useMay`, for a page that shows only what works.
 */
import type { Answer, Lobby, RoomSnapshot } from "@satsuma/client";
import { useCallback, useMemo } from "react";
import { useRoom } from "./context.tsx";
import { type ToggleProps, useToggleProps } from "./control.ts";
import { useStore } from "./store.ts";

type Self = NonNullable<RoomSnapshot["you"]>;
type Meeting = RoomSnapshot["room"];
type Source = "microphone" | "camera" | "screen" | "screen-audio";

/** Whether the room lets one do this, as of now. */
export function useMay(grant: Self["grants"][number]): boolean {
  return useStore(useRoom(), ({ you }) => you?.grants.includes(grant) ?? false);
}

/** How the room is run: locked, with a lobby, until when. */
export function useRules(): Meeting["rules"] {
  return useStore(useRoom(), ({ room }) => room.rules);
}

export interface Hands {
  /** In the order of raising. */
  readonly hands: Meeting["hands"];
  /** Whether one's own is up. */
  readonly raised: boolean;
  readonly raise: () => Promise<Answer>;
  /** One's own, or as a moderator that of a participant. */
  readonly lower: (participant?: string) => Promise<Answer>;
  /** For the button that raises one's own, and lowers it again. */
  readonly button: ToggleProps;
}

export function useHands(): Hands {
  const room = useRoom();
  const hands = useStore(room, (snapshot) => snapshot.room.hands);
  const raised = useStore(room, ({ me, room: { hands: up } }) => up.some(({ id }) => id === me));
  const acts = useMemo(
    () => ({
      raise: () => room.do({ do: "raise" }),
      lower: (id?: string) => room.do(id === undefined ? { do: "lower" } : { do: "lower", id }),
    }),
    [room],
  );
  const { raise, lower } = acts;
  const press = useCallback(() => (raised ? lower() : raise()), [raised, raise, lower]);
  const button = useToggleProps({ on: raised, possible: useMay("raise"), press });
  return { hands, raised, ...acts, button };
}

export interface LobbyState extends Lobby {
  /** Those named, or everybody who waits. */
  readonly admit: (ids?: readonly string[]) => Promise<Answer>;
  readonly deny: (ids?: readonly string[]) => Promise<Answer>;
}

/** Who waits to be let in; empty for those who may not let anybody in. */
export function useLobby(): LobbyState {
  const room = useRoom();
  const lobby = useStore(room, (snapshot) => snapshot.lobby);
  const acts = useMemo(
    () => ({
      admit: (ids?: readonly string[]) => room.do(ids === undefined ? { do: "admit" } : { do: "admit", ids }),
      deny: (ids?: readonly string[]) => room.do(ids === undefined ? { do: "deny" } : { do: "deny", ids }),
    }),
    [room],
  );
  return { ...lobby, ...acts };
}

export interface Moderation {
  readonly may: boolean;
  /** Mutes one participant, or all who do not moderate. */
  readonly silence: (participant?: string) => Promise<Answer>;
  readonly askToUnmute: (participant: string) => Promise<Answer>;
  /** Ends what a participant sends of a source. */
  readonly stop: (participant: string, source: Source) => Promise<Answer>;
  readonly remove: (participant: string) => Promise<Answer>;
  readonly ban: (identity: string) => Promise<Answer>;
  /** What is left out stays as it is. */
  readonly setRules: (rules: Partial<Omit<Meeting["rules"], "passcode">>) => Promise<Answer>;
  /** Ends the meeting for everybody. */
  readonly end: () => Promise<Answer>;
}

export function useModeration(): Moderation {
  const room = useRoom();
  const may = useMay("moderate");
  const acts = useMemo(
    () => ({
      silence: (id?: string) => room.do(id === undefined ? { do: "silence" } : { do: "silence", id }),
      askToUnmute: (id: string) => room.do({ do: "ask-unmute", id }),
      stop: (id: string, source: Source) => room.do({ do: "stop", id, source }),
      remove: (id: string) => room.do({ do: "remove", id }),
      ban: (identity: string) => room.do({ do: "ban", identity }),
      setRules: (rules: Partial<Omit<Meeting["rules"], "passcode">>) => room.do({ do: "set-rules", rules }),
      end: () => room.do({ do: "end" }),
    }),
    [room],
  );
  return { may, ...acts };
}

export interface PollView {
  readonly poll: Meeting["polls"][number];
  /** The count of each option, as far as it is known. */
  readonly tally: readonly number[] | undefined;
}

export interface Polls {
  /** In the order of asking. */
  readonly polls: readonly PollView[];
  readonly ask: (
    question: string,
    options: readonly string[],
    how?: { readonly anonymous?: boolean; readonly multiple?: boolean },
  ) => Promise<Answer>;
  /** Positions of options; none takes one's vote back. */
  readonly vote: (poll: number, choices: readonly number[]) => Promise<Answer>;
  readonly close: (poll: number) => Promise<Answer>;
  readonly remove: (poll: number) => Promise<Answer>;
}

export function usePolls(): Polls {
  const room = useRoom();
  const polls = useStore(room, (snapshot) => snapshot.room.polls);
  const tallies = useStore(room, (snapshot) => snapshot.presence.tallies);
  const views = useMemo(
    () => polls.map((poll) => ({ poll, tally: poll.result ?? tallies[String(poll.id)] })),
    [polls, tallies],
  );
  const acts = useMemo(
    () => ({
      ask: (question: string, options: readonly string[], { anonymous = false, multiple = false } = {}) =>
        room.do({ do: "poll", question, options, anonymous, multiple }),
      vote: (poll: number, choices: readonly number[]) => room.do({ do: "vote", poll, choices }),
      close: (poll: number) => room.do({ do: "close-poll", poll }),
      remove: (poll: number) => room.do({ do: "delete-poll", poll }),
    }),
    [room],
  );
  return { polls: views, ...acts };
}
