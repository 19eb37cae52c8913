/**
 * The one place that plays what others say. Put it once into a room; tiles are silent.
 *
 * Browsers may refuse to play before the person has touched the page; then `blocked` is shown, with what to call from a
 * click.
 */
import { type ParticipantView, trackOf } from "@satsuma/client";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { useDevices } from "./device-hooks.ts";
import { useParticipants } from "./room-hooks.ts";

export interface AudioTracksProps {
  readonly blocked?: (play: () => void) => ReactNode;
}

export function AudioTracks({ blocked }: AudioTracksProps) {
  const participants = useParticipants();
  const { selected: speaker } = useDevices("speaker");
  const [refused, setRefused] = useState(false);
  const elements = useRef(new Set<HTMLAudioElement>());
  const play = useCallback(() => {
    setRefused(false);
    for (const element of elements.current) element.play().catch(() => setRefused(true));
  }, []);
  const onRefused = useCallback(() => setRefused(true), []);
  return (
    <>
      {participants.flatMap(audible).map(({ key, media }) => (
        <Audio key={key} media={media} speaker={speaker} elements={elements.current} onRefused={onRefused} />
      ))}
      {refused && blocked?.(play)}
    </>
  );
}

interface AudioProps {
  readonly media: MediaStreamTrack;
  readonly speaker: string | undefined;
  readonly elements: Set<HTMLAudioElement>;
  readonly onRefused: () => void;
}

function Audio({ media, speaker, elements, onRefused }: AudioProps) {
  const ref = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    elements.add(element);
    element.srcObject = new MediaStream([media]);
    element.play().catch((thrown: unknown) => {
      if (thrown instanceof Error && thrown.name === "NotAllowedError") onRefused();
    });
    return () => {
      elements.delete(element);
      element.srcObject = null;
    };
  }, [media, elements, onRefused]);
  useEffect(() => {
    const element = ref.current;
    // A speaker that is gone, or was never permitted, leaves the sound where it was.
    if (element && "setSinkId" in element) element.setSinkId(speaker ?? "").catch(() => {});
  }, [speaker]);
  // biome-ignore lint/a11y/useMediaCaption: Live speech has no caption file.
  return <audio ref={ref} />;
}

function audible(participant: ParticipantView): { key: string; media: MediaStreamTrack }[] {
  if (participant.local) return [];
  // While a microphone is being published anew there are two of it for a moment; of screens there may be several.
  const screens = participant.tracks.filter(({ source }) => source === "screen-audio");
  return [trackOf(participant, "microphone"), ...screens].flatMap((track) => {
    if (!track?.media) return [];
    return {
      key: `${participant.id}/${track.source === "microphone" ? "microphone" : track.name}`,
      media: track.media,
    };
  });
}
