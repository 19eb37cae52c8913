/** One hook per idea about the room. Each renders again for its own idea only. */
import {
  type ConnectionView,
  type MediaState,
  type ParticipantView,
  type RoomSnapshot,
  type TrackView,
  trackOf,
} from "@satsuma/client";
import { useCallback } from "react";
import { useRoom } from "./context.tsx";
import { useStore } from "./store.ts";

/** Everyone in the room, oneself included, in the order of joining. */
export function useParticipants(): readonly ParticipantView[] {
  return useStore(useRoom(), (snapshot) => snapshot.participants);
}

export function useParticipant(id: string): ParticipantView | undefined {
  return useStore(useRoom(), (snapshot) => participantOf(snapshot, id));
}

/** Oneself, once the room has told who that is. */
export function useMe(): ParticipantView | undefined {
  return useStore(useRoom(), (snapshot) =>
    snapshot.me === undefined ? undefined : participantOf(snapshot, snapshot.me),
  );
}

/** The newest track of a source; undefined while the participant has none. */
export function useTrack(participant: string, source: TrackView["source"]): TrackView | undefined {
  return useStore(useRoom(), (snapshot) => {
    const found = participantOf(snapshot, participant);
    return found && trackOf(found, source);
  });
}

export function useIsSpeaking(participant: string): boolean {
  return useStore(useRoom(), (snapshot) => snapshot.speaking.has(participant));
}

export function useConnection(): ConnectionView {
  return useStore(useRoom(), (snapshot) => snapshot.connection);
}

export function useMediaState(): MediaState {
  return useStore(useRoom(), (snapshot) => snapshot.media);
}

export function useLeave(): () => void {
  const room = useRoom();
  return useCallback(() => room.leave(), [room]);
}

function participantOf(snapshot: RoomSnapshot, id: string): ParticipantView | undefined {
  return snapshot.participants.find((participant) => participant.id === id);
}
