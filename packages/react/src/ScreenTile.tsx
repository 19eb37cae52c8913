import type { ComponentProps, ReactNode } from "react";
import type { SharedScreen } from "./screen-hooks.ts";
import { useShown } from "./shown.ts";
import { VideoTrack } from "./VideoTrack.tsx";

export type ScreenTileProps = Omit<ComponentProps<"article">, "ref"> & {
  readonly screen: SharedScreen;
  /** Shown until the picture is there. */
  readonly placeholder?: ReactNode;
  readonly videoClassName?: string;
};

/** One shared screen, whole: nothing of it is cut off. Received while it is in sight, in full size. */
export function ScreenTile({ screen, placeholder, children, videoClassName, style, ...rest }: ScreenTileProps) {
  const { participant, track } = screen;
  const element = useShown<HTMLElement>(track);
  return (
    <article
      ref={element}
      aria-label={participant.name}
      data-testid="screen"
      data-participant={participant.id}
      data-local={participant.local}
      style={style}
      {...rest}
    >
      {track.media ? (
        <VideoTrack
          track={track.media}
          className={videoClassName}
          style={{ width: "100%", height: "100%", objectFit: "contain" }}
        />
      ) : (
        placeholder
      )}
      {children}
    </article>
  );
}
