/**
 * One participant: their picture, or what stands in for it, and their state as data attributes to style by.
 *
 * `data-speaking`, `data-muted` and `data-camera` are "true" or "false"; `data-connection` is "connected" or "recovering".
 */
import type { ParticipantView } from "@satsuma/client";
import type { ComponentProps, ReactNode } from "react";
import { useIsSpeaking, useParticipant, useTrack } from "./room-hooks.ts";
import { useShown } from "./shown.ts";
import { VideoTrack } from "./VideoTrack.tsx";

export type ParticipantTileProps = Omit<ComponentProps<"article">, "children" | "id" | "ref"> & {
  readonly participant: string;
  /** Shown while there is no picture. Default: the name. */
  readonly placeholder?: (participant: ParticipantView) => ReactNode;
  /** Shown over the picture. */
  readonly children?: (participant: ParticipantView, state: TileState) => ReactNode;
  readonly videoClassName?: string;
};

export interface TileState {
  readonly speaking: boolean;
  /** No microphone counts as muted. */
  readonly muted: boolean;
  readonly camera: boolean;
}

export function ParticipantTile(props: ParticipantTileProps) {
  const { participant: id, placeholder, children, videoClassName, ...rest } = props;
  const participant = useParticipant(id);
  const camera = useTrack(id, "camera");
  const muted = useTrack(id, "microphone")?.muted ?? true;
  const speaking = useIsSpeaking(id) && !muted;
  const element = useShown<HTMLElement>(camera);
  if (!participant) return null;
  const shown = camera !== undefined && !camera.muted && camera.media !== undefined;
  return (
    <article
      ref={element}
      aria-label={participant.name}
      data-testid="tile"
      data-participant={id}
      data-local={participant.local}
      data-speaking={speaking}
      data-muted={muted}
      data-camera={shown}
      data-connection={participant.connection}
      {...rest}
    >
      {shown ? (
        <VideoTrack track={camera.media} mirrored={participant.local} className={videoClassName} />
      ) : (
        (placeholder?.(participant) ?? participant.name)
      )}
      {children?.(participant, { speaking, muted, camera: shown })}
    </article>
  );
}
