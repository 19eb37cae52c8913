/**
 * Where a visit to a room stands: in the lobby, on the way in, in the call, or out of it.
 *
 * Holds the room and the devices for that long and gives them back after it.
 */
import { type EndReason, joinRoom, LocalMedia, type Room } from "@satsuma/client";
import { startTransition, useCallback, useEffect, useRef, useState } from "react";
import { followEffects } from "../effects/follow.ts";
import * as person from "../settings/person.ts";
import { admissions, noteLeft, wasInCall } from "./admission.ts";

export type Stage =
  | { readonly stage: "lobby"; readonly devices: HeldDevices; readonly problem: EndReason | undefined }
  | { readonly stage: "joining"; readonly devices: HeldDevices; readonly room: Room }
  | { readonly stage: "call"; readonly room: Room }
  | { readonly stage: "out"; readonly end: EndReason };

export interface HeldDevices {
  readonly media: LocalMedia;
  /** Gives the devices back. */
  readonly letGo: () => void;
}

export interface Visit {
  /** Undefined for the moment before devices are set up. */
  readonly stage: Stage | undefined;
  readonly join: (name: string) => void;
  /** From the page after the call, straight back in. */
  readonly again: () => void;
}

declare global {
  interface Window {
    /** The room this page is in, for debugging and for tests: `satsuma.snapshot()`, `satsuma.peerConnection.getStats()`. */
    satsuma?: Room | undefined;
  }
}

export function useVisit(roomName: string): Visit {
  const [stage, setStage] = useState<Stage>();
  const [round, setRound] = useState(0);
  const straight = useRef(false);

  const enter = useCallback(
    (devices: HeldDevices, name: string) => {
      const room = joinRoom({ ...admissions(roomName, name), room: roomName, media: devices.media, video: "shown" });
      window.satsuma = room;
      setStage({ stage: "joining", devices, room });
      let entered = false;
      room.subscribe(() => {
        const { connection, me } = room.snapshot();
        if (connection.state === "connected" && me !== undefined && !entered) {
          entered = true;
          // In slices: the answers of the media server, which arrive right now, go first.
          startTransition(() => setStage({ stage: "call", room }));
        }
        if (connection.state !== "ended") return;
        window.satsuma = undefined;
        noteLeft(roomName);
        if (entered) devices.letGo();
        setStage(
          entered ? { stage: "out", end: connection.end } : { stage: "lobby", devices, problem: connection.end },
        );
      });
    },
    [roomName],
  );

  // Each round holds devices of its own, from the lobby to the end of the call.
  // biome-ignore lint/correctness/useExhaustiveDependencies: A new round is the reason to run again.
  useEffect(() => {
    const devices = holdDevices();
    const kinds = [
      ...(person.microphoneOn.snapshot() ? (["microphone"] as const) : []),
      ...(person.cameraOn.snapshot() ? (["camera"] as const) : []),
    ];
    void devices.media.start(kinds);
    const name = person.name.snapshot();
    if (name !== "" && (straight.current || wasInCall(roomName))) enter(devices, name);
    else setStage({ stage: "lobby", devices, problem: undefined });
    straight.current = false;
    return () => {
      window.satsuma?.leave();
      devices.letGo();
      setStage(undefined);
    };
  }, [roomName, round, enter]);

  const join = useCallback(
    (name: string) => {
      person.name.set(name);
      if (stage?.stage === "lobby") enter(stage.devices, name);
    },
    [stage, enter],
  );
  const again = useCallback(() => {
    straight.current = true;
    setRound((last) => last + 1);
  }, []);
  return { stage, join, again };
}

/** Remembers what the person switches and chooses, but not what a failing device does, nor the giving back. */
function holdDevices(): HeldDevices {
  const media = new LocalMedia({ preference: person.devices.snapshot() });
  // Before a device is asked for: nobody is to see for a moment what is to be hidden.
  const unfollow = followEffects(media);
  const stop = media.subscribe(() => {
    const { microphone, camera, preference } = media.snapshot();
    if (!microphone.busy && !microphone.error) person.microphoneOn.set(microphone.on);
    if (!camera.busy && !camera.error) person.cameraOn.set(camera.on);
    // Kept only when it changed: the view changes with every word that is spoken.
    if (preference !== person.devices.snapshot()) person.devices.set(preference);
  });
  return {
    media,
    letGo() {
      stop();
      media.close();
      unfollow();
    },
  };
}
