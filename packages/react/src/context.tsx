/**
 * Which room, and which devices, the components below speak of.
 *
 * A lobby has devices and no room yet; hooks about devices work in both, hooks about the room only inside a `RoomProvider`.
 */
import type { LocalMedia, Room } from "@satsuma/client";
import { createContext, type ReactNode, useContext } from "react";

const RoomContext = createContext<Room | undefined>(undefined);
const LocalMediaContext = createContext<LocalMedia | undefined>(undefined);

/** Gives a room, and its devices, to everything below. */
export function RoomProvider({ room, children }: { readonly room: Room; readonly children: ReactNode }) {
  return (
    <RoomContext value={room}>
      <LocalMediaProvider media={room.local}>{children}</LocalMediaProvider>
    </RoomContext>
  );
}

/** Gives devices without a room, as in a lobby. */
export function LocalMediaProvider({ media, children }: { readonly media: LocalMedia; readonly children: ReactNode }) {
  return <LocalMediaContext value={media}>{children}</LocalMediaContext>;
}

export function useRoom(): Room {
  const room = useContext(RoomContext);
  if (!room) throw new Error("This hook needs a RoomProvider above it.");
  return room;
}

export function useLocalMedia(): LocalMedia {
  const media = useContext(LocalMediaContext);
  if (!media) throw new Error("This hook needs a LocalMediaProvider or a RoomProvider above it.");
  return media;
}
