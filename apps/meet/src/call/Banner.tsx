import { useConnection, useMediaState } from "@satsuma/react";
import { LoaderCircle, VolumeX } from "lucide-react";
import type { ReactNode } from "react";
import { useText } from "../text/language.ts";
import { Button } from "../ui/Button.tsx";

/** What is being restored right now, if anything. */
export function ConnectionBanner() {
  const text = useText().call;
  const connection = useConnection();
  const media = useMediaState();
  if (connection.state === "reconnecting") return <Pill>{text.reconnecting}</Pill>;
  return media === "recovering" ? <Pill>{text.mediaRecovering}</Pill> : null;
}

function Pill({ children }: { readonly children: ReactNode }) {
  return (
    <output className="pointer-events-auto flex animate-appear items-center gap-2.5 rounded-full border border-line bg-raised px-4 py-2.5 text-sm font-medium shadow-float">
      <LoaderCircle className="size-4.5 shrink-0 animate-spin-slow text-accent-text" aria-hidden="true" />
      {children}
    </output>
  );
}

/** The browser plays nothing before the person touched the page; one click is enough. */
export function SoundBlocked({ play }: { readonly play: () => void }) {
  const text = useText().call;
  return (
    <div
      role="alert"
      className="pointer-events-auto flex animate-appear items-center gap-3 rounded-2xl border border-line bg-raised py-2 pr-2 pl-4 text-sm font-medium shadow-float"
    >
      <VolumeX className="size-4.5 shrink-0 text-accent-text" aria-hidden="true" />
      {text.blocked}
      <Button look="primary" size="small" onClick={play}>
        {text.hear}
      </Button>
    </div>
  );
}
