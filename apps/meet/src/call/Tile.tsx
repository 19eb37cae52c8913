import type { ParticipantView } from "@satsuma/client";
import { ParticipantTile, type TileState } from "@satsuma/react";
import { LoaderCircle, MicOff } from "lucide-react";
import { memo } from "react";
import { useText } from "../text/language.ts";
import { Initials } from "../ui/Initials.tsx";
import { Signal } from "./Signal.tsx";

/** One person in the grid: picture or initials, name, microphone, ring while speaking, veil while reconnecting. */
export const Tile = memo(function Tile({ participant }: { readonly participant: string }) {
  return (
    <ParticipantTile
      participant={participant}
      placeholder={(person) => (
        <Initials
          name={person.name}
          seed={person.identity}
          className="h-[36%] max-h-40 short:-translate-y-[22%] short:h-[44%]"
        />
      )}
      videoClassName="absolute inset-0 size-full object-cover"
      className="group relative grid h-(--tile-height) w-(--tile-width) animate-appear place-items-center [container:tile/size] overflow-hidden rounded-2xl bg-tile after:pointer-events-none after:absolute after:inset-0 after:rounded-[inherit] after:shadow-[inset_0_0_0_0_var(--ring)] after:transition-shadow after:duration-150 data-[speaking=true]:after:shadow-[inset_0_0_0_3px_var(--ring)]"
    >
      {(person, state) => <Overlay person={person} state={state} />}
    </ParticipantTile>
  );
});

function Overlay({ person, state }: { readonly person: ParticipantView; readonly state: TileState }) {
  const text = useText().call;
  const recovering = person.connection === "recovering";
  return (
    <>
      {recovering && (
        <div className="absolute inset-0 grid place-items-center bg-black/55 backdrop-blur-md">
          <p className="flex items-center gap-2 px-3 text-sm font-medium text-white short:-translate-y-1/2 short:text-xs">
            <LoaderCircle className="size-4.5 shrink-0 animate-spin-slow" aria-hidden="true" />
            <span className="@max-[9rem]:sr-only">{text.reconnectingTile}</span>
          </p>
        </div>
      )}
      <p className="absolute bottom-2 left-2 flex max-w-[calc(100%-1rem)] items-center gap-1.5 rounded-lg bg-black/60 px-2 py-1 text-[0.8125rem] leading-5 font-medium text-white backdrop-blur-md short:bottom-1 short:left-1 short:max-w-[calc(100%-0.5rem)] short:gap-1 short:px-1.5 short:py-0 short:text-[0.6875rem]">
        <Signal participant={person.id} />
        {state.muted && <MicOff className="size-3.5 shrink-0 text-[#ffb3a8]" role="img" aria-label={text.muted} />}
        {/* Apart from each other: a name written from right to left, or cut short, takes nothing else with it. */}
        <bdi className="truncate">{person.name}</bdi>
        {person.local && <span className="shrink-0">{text.you}</span>}
        {state.speaking && <span className="sr-only">{text.speaking}</span>}
      </p>
    </>
  );
}
