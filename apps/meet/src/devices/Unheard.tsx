import { useCamera, useMicrophone, useTalkingWhileMuted } from "@satsuma/react";
import { CameraOff, MicOff } from "lucide-react";
import type { ReactNode } from "react";
import { useText } from "../text/language.ts";

/** That others do not hear or see what one thinks they do. Quiet, and gone by itself when it is put right. */
export function Unheard() {
  const text = useText().unheard;
  const talking = useTalkingWhileMuted();
  const microphone = useMicrophone().trouble;
  const camera = useCamera().trouble;
  return (
    <output className="flex flex-col items-center gap-2" data-testid="unheard">
      {talking && <Line icon={<MicOff />}>{text.talkingWhileMuted}</Line>}
      {microphone && <Line icon={<MicOff />}>{text.microphone[microphone]}</Line>}
      {camera && <Line icon={<CameraOff />}>{text.camera[camera]}</Line>}
    </output>
  );
}

function Line({ icon, children }: { readonly icon: ReactNode; readonly children: ReactNode }) {
  return (
    <span className="flex max-w-xl animate-appear items-center gap-2.5 rounded-2xl border border-line bg-raised px-4 py-2.5 text-sm font-medium shadow-float [&>svg]:size-4.5 [&>svg]:shrink-0 [&>svg]:text-notice-text">
      {icon}
      {children}
    </span>
  );
}
