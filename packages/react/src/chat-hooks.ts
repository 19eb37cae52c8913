/** The room's chat. One hook for what was said, one for the count of what was not read. */
import { type Answer, Chat, type ChatView, type Room, type SayOptions } from "@satsuma/client";
import { useCallback } from "react";
import { useRoom } from "./context.tsx";
import { useStore } from "./store.ts";

/** One for each room, made when a component first wants it; it goes with the room. */
const chats = new WeakMap<Room, Chat>();

function chatOf(room: Room): Chat {
  const chat = chats.get(room) ?? new Chat(room);
  chats.set(room, chat);
  return chat;
}

export interface ChatState extends Pick<ChatView, "messages" | "older"> {
  readonly say: (text: string, options?: SayOptions) => Promise<Answer>;
  readonly edit: (seq: number, text: string) => Promise<Answer>;
  readonly remove: (seq: number) => Promise<Answer>;
  readonly react: (seq: number, emoji: string, on: boolean) => Promise<Answer>;
  /** Reads older messages, while `older` says that there are some. */
  readonly readOlder: () => Promise<void>;
  /** To be called while the messages are in sight. */
  readonly seen: () => void;
}

export function useChat(): ChatState {
  const chat = chatOf(useRoom());
  const messages = useStore(chat, (view) => view.messages);
  const older = useStore(chat, (view) => view.older);
  const say = useCallback((text: string, options?: SayOptions) => chat.say(text, options), [chat]);
  const edit = useCallback((seq: number, text: string) => chat.edit(seq, text), [chat]);
  const remove = useCallback((seq: number) => chat.remove(seq), [chat]);
  const react = useCallback((seq: number, emoji: string, on: boolean) => chat.react(seq, emoji, on), [chat]);
  const readOlder = useCallback(() => chat.older(), [chat]);
  const seen = useCallback(() => chat.seen(), [chat]);
  return { messages, older, say, edit, remove, react, readOlder, seen };
}

/** Messages of others that nobody has looked at on this page. */
export function useUnread(): number {
  return useStore(chatOf(useRoom()), (view) => view.unread);
}
