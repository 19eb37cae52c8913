import {
  AudioTracks,
  Grid,
  useCamera,
  useMay,
  useMicrophone,
  useParticipants,
  useRoom,
  useScreens,
} from "@satsuma/react";
import { Users } from "lucide-react";
import { useState } from "react";
import { DeviceProblems } from "../devices/DeviceProblems.tsx";
import { Unheard } from "../devices/Unheard.tsx";
import { EffectProblems } from "../effects/EffectProblems.tsx";
import { useText } from "../text/language.ts";
import { Logo } from "../ui/Logo.tsx";
import { PageHeading } from "../ui/PageHeading.tsx";
import { Alone } from "./Alone.tsx";
import { Announcer } from "./Announcer.tsx";
import { ConnectionBanner, SoundBlocked } from "./Banner.tsx";
import { Controls } from "./Controls.tsx";
import { Screens } from "./Screens.tsx";
import { useShortcuts } from "./shortcuts.ts";
import { Tile } from "./Tile.tsx";
import { Trouble } from "./Trouble.tsx";
import { useWakeLock } from "./wake.ts";

/** The call itself: people, what they can do, and what goes wrong. */
export function Call() {
  const text = useText().call;
  const room = useRoom();
  const participants = useParticipants();
  const screens = useScreens();
  useShortcuts({ microphone: useMay("microphone"), camera: useMay("camera") });
  useWakeLock();
  return (
    <div className="flex h-dvh flex-col overflow-hidden bg-stage" data-testid="call">
      <title>{text.title(room.name)}</title>
      <header className="flex items-center justify-between gap-4 px-4 pt-3 pb-2 text-sm sm:px-5">
        <span className="flex min-w-0 items-center gap-2 font-semibold tracking-[-0.01em]">
          <Logo className="size-6 shrink-0" />
          <span className="truncate">{room.name}</span>
        </span>
        <span className="flex shrink-0 items-center gap-1.5 text-soft">
          <Users className="size-4" aria-hidden="true" />
          {text.people(participants.length)}
        </span>
      </header>
      <main className="flex min-h-0 flex-1 flex-col px-3 sm:px-4">
        <PageHeading className="sr-only">{room.name}</PageHeading>
        <div className="relative flex min-h-0 flex-1 gap-3 max-md:flex-col">
          {screens.length > 0 && <Screens screens={screens} />}
          <Grid
            items={participants}
            aria-label={text.grid}
            role="group"
            data-testid="grid"
            className="min-h-0 min-w-0 flex-1 rounded-2xl"
          >
            {({ id }) => <Tile key={id} participant={id} />}
          </Grid>
          <div className="pointer-events-none absolute inset-x-2 top-3 z-10 flex flex-col items-center gap-2">
            <ConnectionBanner />
            <Trouble />
            <AudioTracks blocked={(play) => <SoundBlocked play={play} />} />
          </div>
          <div className="pointer-events-none absolute inset-x-2 bottom-3 z-10 flex flex-col items-center gap-2 *:pointer-events-auto">
            <Problems />
            <EffectProblems floating />
            <Unheard />
          </div>
        </div>
        {participants.length === 1 && participants[0]?.local && <Alone />}
      </main>
      <footer className="flex justify-center px-2 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
        <Controls />
      </footer>
      <Announcer />
    </div>
  );
}

/** Until it is put aside, or another problem comes. */
function Problems() {
  const microphone = useMicrophone().error;
  const camera = useCamera().error;
  const now = `${microphone} ${camera}`;
  const [aside, setAside] = useState<string>();
  if ((!microphone && !camera) || aside === now) return null;
  return (
    <div className="flex w-full max-w-md flex-col gap-2 rounded-2xl bg-raised p-2 shadow-float">
      <DeviceProblems onDismiss={() => setAside(now)} />
    </div>
  );
}
