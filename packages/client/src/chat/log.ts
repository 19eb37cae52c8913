/**
 * The messages of a room as one page holds them: the newest ones, without a gap, in order. Pure: events and pages go in.
 *
 * A page of older messages is put in front; what was missed is read again from the newest on. Bounded: whoever scrolls
 * back further than is kept lets go of the newest, and reads them again on the way back.
 */
import type { ChatEvent, ChatMessage } from "@satsuma/protocol";

/** Messages that are held at the most. */
export const mostKept = 500;

export interface ChatView {
  /** Oldest first. */
  readonly messages: readonly ChatMessage[];
  /** There are older ones to be had; undefined before the first page came. */
  readonly older: boolean | undefined;
  /** Messages of others since `seen` was last called. */
  readonly unread: number;
}

export const emptyChat: ChatView = { messages: [], older: undefined, unread: 0 };

/** `own` tells whether a message is the reader's: one's own words are no news, and reactions of one's own are marked. */
export function applied(view: ChatView, event: ChatEvent, own: (participantOrIdentity: string) => boolean): ChatView {
  switch (event.event) {
    case "said": {
      const { message } = event;
      if (view.messages.some(({ seq }) => seq === message.seq)) return view;
      const messages = [...view.messages, message].sort((a, b) => a.seq - b.seq).slice(-mostKept);
      const dropped = messages.length < view.messages.length + 1;
      const unread = own(message.from.participant) ? view.unread : view.unread + 1;
      return { messages, older: dropped ? true : view.older, unread };
    }
    case "edited":
      return changed(view, event.seq, (message) => ({ ...message, text: event.text, edited: event.at }));
    case "deleted":
      return changed(view, event.seq, ({ reactions: _, ...message }) => ({ ...message, text: "", deleted: true }));
    case "reacted":
      return changed(view, event.seq, (message) => {
        const { [event.emoji]: known, ...others } = message.reactions ?? {};
        const mine = own(event.by) ? event.on : (known?.mine ?? false);
        return {
          ...message,
          reactions: event.count === 0 ? others : { ...others, [event.emoji]: { count: event.count, mine } },
        };
      });
  }
}

/** A page as the room gives it, newest first: of what is older than all that is held, or of the newest. */
export function withPage(view: ChatView, page: readonly ChatMessage[], more: boolean): ChatView {
  const oldest = view.messages[0]?.seq ?? Number.POSITIVE_INFINITY;
  const fresh = new Map([...view.messages, ...page].map((message) => [message.seq, message]));
  const all = [...fresh.values()].sort((a, b) => a.seq - b.seq);
  const first = all[0]?.seq ?? Number.POSITIVE_INFINITY;
  // A page that reaches further back says what lies beyond it; one that does not leaves that as it was.
  const older = view.older === undefined || first < oldest ? more : view.older;
  return { messages: all.slice(0, mostKept), older, unread: view.unread };
}

/** The newest page, after words may have been missed: what does not join on to it is let go. */
export function refreshed(view: ChatView, page: readonly ChatMessage[], more: boolean): ChatView {
  const newest = view.messages.at(-1)?.seq ?? -1;
  const joins = page.some(({ seq }) => seq <= newest + 1) || !more;
  const missed = page.filter(({ seq }) => seq > newest).length;
  const unread = view.older === undefined ? view.unread : view.unread + missed;
  return { ...withPage(joins ? view : emptyChat, page, more), unread };
}

function changed(view: ChatView, seq: number, change: (message: ChatMessage) => ChatMessage): ChatView {
  if (!view.messages.some((message) => message.seq === seq)) return view;
  return { ...view, messages: view.messages.map((message) => (message.seq === seq ? change(message) : message)) };
}
