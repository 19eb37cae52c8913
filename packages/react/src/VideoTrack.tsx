import type { ComponentProps } from "react";
import { useLayoutEffect, useRef } from "react";

export type VideoTrackProps = Omit<ComponentProps<"video">, "children"> & {
  readonly track: MediaStreamTrack | undefined;
  /** Shows it as in a mirror, as people expect of their own picture. */
  readonly mirrored?: boolean;
};

/** Shows a video track, silently: sound is played in one place (`AudioTracks`). */
export function VideoTrack({ track, mirrored, style, ...rest }: VideoTrackProps) {
  const element = useRef<HTMLVideoElement>(null);
  useLayoutEffect(() => {
    const video = element.current;
    if (!video) return;
    video.srcObject = track ? new MediaStream([track]) : null;
    return () => {
      video.srcObject = null;
    };
  }, [track]);
  return (
    <video
      ref={element}
      autoPlay
      muted
      playsInline
      disablePictureInPicture
      style={mirrored ? { transform: "scaleX(-1)", ...style } : style}
      {...rest}
    />
  );
}
