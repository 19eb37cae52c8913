import type { EndReason } from "@satsuma/client";
import { limits, nameIn } from "@satsuma/protocol";
import { useCamera, useMicrophone, VideoTrack } from "@satsuma/react";
import { ArrowLeft, LoaderCircle } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { useShortcuts } from "../call/shortcuts.ts";
import { ConnectionTest } from "../devices/ConnectionTest.tsx";
import { DeviceChoices } from "../devices/DeviceChoices.tsx";
import { DeviceProblems } from "../devices/DeviceProblems.tsx";
import { CameraToggle, MicrophoneToggle } from "../devices/InputToggles.tsx";
import { Level } from "../devices/Level.tsx";
import { BackgroundChoice } from "../effects/BackgroundChoice.tsx";
import { EffectProblems } from "../effects/EffectProblems.tsx";
import { VoiceOnly } from "../effects/VoiceOnly.tsx";
import { prepareAdmission } from "../join/admission.ts";
import { reasonText } from "../join/reason.ts";
import * as person from "../settings/person.ts";
import { LanguageChoice, ThemeChoice } from "../settings/ThemeChoice.tsx";
import { useText } from "../text/language.ts";
import { Button } from "../ui/Button.tsx";
import { Initials } from "../ui/Initials.tsx";
import { Logo } from "../ui/Logo.tsx";
import { Notice } from "../ui/Notice.tsx";
import { PageHeading } from "../ui/PageHeading.tsx";
import { TextField } from "../ui/TextField.tsx";

export interface LobbyProps {
  readonly room: string;
  readonly joining: boolean;
  /** Why the last try to join did not work. */
  readonly problem: EndReason | undefined;
  readonly onJoin: (name: string) => void;
}

export function Lobby({ room, joining, problem, onJoin }: LobbyProps) {
  const text = useText();
  const [name, setName] = useState(person.name.snapshot());
  useShortcuts();
  return (
    <div className="flex min-h-dvh flex-col">
      <title>{text.call.title(room)}</title>
      <header className="flex items-center justify-between gap-3 px-4 py-3 sm:px-8 sm:py-5">
        <Link
          href="/"
          aria-label={text.lobby.back}
          className="-ml-2 flex items-center gap-2 rounded-xl px-2 py-1.5 text-lg font-bold tracking-[-0.03em] hover:bg-hover"
        >
          <ArrowLeft className="size-4.5 text-soft" aria-hidden="true" />
          <Logo className="size-7" />
          <span className="max-sm:sr-only">Satsuma</span>
        </Link>
        <span className="flex gap-2">
          <LanguageChoice short />
          <ThemeChoice iconsOnly />
        </span>
      </header>
      <main className="mx-auto grid w-full max-w-6xl flex-1 content-start items-center gap-6 px-4 pb-8 sm:px-8 lg:grid-cols-[minmax(0,1.35fr)_minmax(0,1fr)] lg:content-center lg:gap-12">
        <Preview name={name} />
        <div className="flex min-w-0 flex-col gap-5">
          <div>
            <PageHeading className="text-3xl font-bold tracking-[-0.035em] sm:text-4xl">{text.lobby.title}</PageHeading>
            <p className="mt-2 truncate text-soft">{text.lobby.room(room)}</p>
          </div>
          {problem && problem.why !== "left" && <Notice grave title={reasonText(problem, text)} />}
          <DeviceProblems />
          <EffectProblems />
          <JoinForm room={room} name={name} onName={setName} joining={joining} onJoin={onJoin} />
          <div className="grid gap-3.5 border-t border-line pt-5">
            <DeviceChoices />
            <BackgroundChoice />
            <VoiceOnly />
          </div>
          <ConnectionTest />
        </div>
      </main>
    </div>
  );
}

/** Milliseconds without a keystroke after which a name is taken for whole. */
const typingPause = 300;

interface JoinFormProps {
  readonly room: string;
  readonly name: string;
  readonly onName: (name: string) => void;
  readonly joining: boolean;
  readonly onJoin: (name: string) => void;
}

function JoinForm({ room, name, onName, joining, onJoin }: JoinFormProps) {
  const text = useText().lobby;
  const [problem, setProblem] = useState<"nameMissing" | "nameTooLong">();
  const form = useRef<HTMLFormElement>(null);
  const tooLong = name.trim().length > limits.nameLength;
  const chosen = tooLong ? undefined : nameIn(name);
  useEffect(() => {
    if (chosen === undefined) return;
    const settled = setTimeout(() => prepareAdmission(room, chosen), typingPause);
    return () => clearTimeout(settled);
  }, [room, chosen]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (joining) return;
    if (chosen !== undefined) return onJoin(chosen);
    setProblem(tooLong ? "nameTooLong" : "nameMissing");
    form.current?.querySelector("input")?.focus();
  };
  return (
    <form ref={form} onSubmit={submit} noValidate className="flex flex-col gap-3.5">
      <TextField
        label={text.name}
        placeholder={text.namePlaceholder}
        value={name}
        onChange={(event) => {
          onName(event.target.value);
          setProblem(undefined);
        }}
        problem={problem && text[problem]}
        autoComplete="name"
        name="name"
        enterKeyHint="go"
      />
      <Button type="submit" look="primary" size="large" aria-disabled={joining}>
        {joining && <LoaderCircle className="size-5 animate-spin-slow" aria-hidden="true" />}
        {joining ? text.joining : text.join}
      </Button>
    </form>
  );
}

function Preview({ name }: { readonly name: string }) {
  const text = useText();
  const camera = useCamera();
  const preparing = camera.track !== undefined && camera.sent === undefined;
  const waiting = preparing ? text.effects.starting : text.lobby.cameraStarting;
  const microphone = useMicrophone();
  return (
    <section
      aria-label={text.lobby.preview}
      data-camera-effect={camera.effect.state}
      data-microphone-effect={microphone.effect.state}
      className="relative grid aspect-4/3 w-full place-items-center overflow-hidden rounded-3xl bg-tile shadow-card sm:aspect-16/10 max-lg:max-h-[40dvh] [@media(max-height:560px)]:max-lg:max-h-[24dvh]"
    >
      {camera.sent ? (
        <VideoTrack
          track={camera.sent}
          data-effect={camera.effect.state}
          mirrored
          className="absolute inset-0 size-full object-cover"
        />
      ) : (
        <div className="flex w-full flex-col items-center gap-4 pb-10">
          <Initials name={name} seed="lobby" className="w-[22%]" />
          <p className="text-[0.9375rem] font-medium text-soft">
            {camera.busy || preparing ? waiting : text.lobby.cameraOff}
          </p>
        </div>
      )}
      <div className="absolute inset-x-0 bottom-4 flex items-center justify-center gap-3">
        <MicrophoneToggle overlay />
        <CameraToggle overlay />
      </div>
      {microphone.on && (
        <span className="absolute bottom-6 left-4 rounded-full bg-black/45 px-2.5 py-2 text-white backdrop-blur-md">
          <Level />
        </span>
      )}
    </section>
  );
}
