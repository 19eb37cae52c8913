/** Shared screens: everybody's to look at, and one's own to begin and end. */
import { canShare, type ParticipantView, type Shared, type ShareOptions, type TrackView } from "@satsuma/client";
import { useCallback, useMemo } from "react";
import { useLocalMedia } from "./context.tsx";
import { type ToggleProps, useToggleProps } from "./control.ts";
import { useParticipants } from "./room-hooks.ts";
import { useStore } from "./store.ts";

export interface SharedScreen {
  /** Stable while it is shared; good as a key. */
  readonly id: string;
  readonly participant: ParticipantView;
  readonly track: TrackView;
}

/** All screens in the room, one's own included, in the order in which their people joined. */
export function useScreens(): readonly SharedScreen[] {
  const participants = useParticipants();
  return useMemo(
    () =>
      participants.flatMap((participant) =>
        participant.tracks
          .filter(({ source }) => source === "screen")
          .map((track) => ({ id: `${participant.id}/${track.name}`, participant, track })),
      ),
    [participants],
  );
}

export interface ScreenShare {
  /** Whether this browser can share at all; phones cannot. */
  readonly possible: boolean;
  /** How many screens of one's own are shared now. */
  readonly count: number;
  /** To be called from a click. */
  readonly share: (options?: ShareOptions) => Promise<Shared>;
  readonly stop: (id?: string) => void;
  /** For the button that shares one screen, and then ends all shares. */
  readonly button: ToggleProps;
}

export function useScreenShare(): ScreenShare {
  const { screens } = useLocalMedia();
  const count = useStore(screens, (shared) => shared.length);
  const share = useCallback((options?: ShareOptions) => screens.share(options), [screens]);
  const stop = useCallback((id?: string) => screens.stop(id), [screens]);
  const possible = canShare();
  const on = count > 0;
  const press = useCallback(() => (on ? stop() : share()), [on, stop, share]);
  const button = useToggleProps({ on, possible, press });
  return { possible, count, share, stop, button };
}
