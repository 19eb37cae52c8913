/** Says to the room which element shows a track, so that it is received as large as it is shown, and only while it is. */
import type { TrackView } from "@satsuma/client";
import { type RefObject, useEffect, useRef } from "react";
import { useRoom } from "./context.tsx";

/** Give the ref to the element that shows the track, or will as soon as it comes. */
export function useShown<E extends Element>(track: TrackView | undefined): RefObject<E | null> {
  const room = useRoom();
  const element = useRef<E>(null);
  const key = track?.key;
  // A muted camera sends nothing, and is not asked for; a view of it would hold a place for nothing.
  const sends = track !== undefined && !track.muted;
  useEffect(() => {
    if (!element.current || key === undefined || !sends) return;
    return room.show(element.current, key);
  }, [room, key, sends]);
  return element;
}
