import { type Input, useCamera, useMicrophone } from "@satsuma/react";
import { Mic, MicOff, Video, VideoOff } from "lucide-react";
import type { ReactNode } from "react";
import { useKept } from "../settings/kept.ts";
import { shortcutsOn } from "../settings/person.ts";
import { useText } from "../text/language.ts";
import { classes } from "../ui/classes.ts";
import { Hint } from "../ui/Hint.tsx";

export interface ToggleLook {
  /** Over a picture, where the ground is dark in both themes. */
  readonly overlay?: boolean;
}

export function MicrophoneToggle({ overlay }: ToggleLook) {
  const text = useText().controls;
  const microphone = useMicrophone();
  return (
    <Toggle
      input={microphone}
      name={microphone.on ? text.mute : text.unmute}
      shortcut="M"
      overlay={overlay}
      test="microphone"
    >
      {microphone.on ? <Mic /> : <MicOff />}
    </Toggle>
  );
}

export function CameraToggle({ overlay }: ToggleLook) {
  const text = useText().controls;
  const camera = useCamera();
  return (
    <Toggle
      input={camera}
      name={camera.on ? text.cameraOff : text.cameraOn}
      shortcut="V"
      overlay={overlay}
      test="camera"
    >
      {camera.on ? <Video /> : <VideoOff />}
    </Toggle>
  );
}

/** In the bar, off is softer than the button that ends the call; over a picture it must hold its own. */
const looks = {
  bar: {
    on: "bg-hover text-ink hover:bg-line",
    off: "bg-danger-tint text-danger-text hover:bg-danger/20",
  },
  overlay: {
    on: "bg-black/45 text-white backdrop-blur-md hover:bg-black/60",
    off: "bg-danger text-on-danger hover:bg-danger-hover",
  },
};

interface ToggleProps {
  readonly input: Input;
  readonly name: string;
  readonly shortcut: string;
  readonly overlay: boolean | undefined;
  readonly test: string;
  readonly children: ReactNode;
}

function Toggle({ input, name, shortcut, overlay, test, children }: ToggleProps) {
  const keys = useKept(shortcutsOn) ? shortcut : undefined;
  return (
    <Hint text={name} shortcut={keys}>
      <button
        type="button"
        aria-label={name}
        aria-keyshortcuts={keys}
        data-testid={`${test}-toggle`}
        data-on={input.on}
        aria-busy={input.busy}
        onClick={() => void input.toggle()}
        className={classes(
          "relative grid size-12 place-items-center rounded-full transition-colors select-none [&>svg]:size-5.5",
          looks[overlay ? "overlay" : "bar"][input.on ? "on" : "off"],
          input.busy && "animate-pulse",
        )}
      >
        {children}
        {input.error && (
          <span className="absolute -top-0.5 -right-0.5 grid size-4.5 place-items-center rounded-full bg-notice-tint text-xs font-bold text-notice-text ring-2 ring-surface">
            !
          </span>
        )}
      </button>
    </Hint>
  );
}
