import { ArrowRight, Plus } from "lucide-react";
import { type FormEvent, useRef, useState } from "react";
import { useLocation } from "wouter";
import { newRoomName, roomIn } from "../join/names.ts";
import { LanguageChoice, ThemeChoice } from "../settings/ThemeChoice.tsx";
import { useText } from "../text/language.ts";
import { Button } from "../ui/Button.tsx";
import { Logo } from "../ui/Logo.tsx";
import { TextField } from "../ui/TextField.tsx";
import { Showcase } from "./Showcase.tsx";

export function Home() {
  const text = useText().home;
  const [, go] = useLocation();
  return (
    <div className="flex min-h-dvh flex-col">
      <title>Satsuma</title>
      <header className="flex items-center justify-between px-5 py-4 sm:px-8 sm:py-6">
        <span className="flex items-center gap-2.5 text-lg font-bold tracking-[-0.03em]">
          <Logo className="size-8" />
          Satsuma
        </span>
        <ThemeChoice iconsOnly />
      </header>
      <main className="mx-auto grid w-full max-w-[88rem] flex-1 items-center gap-14 px-5 py-8 sm:px-8 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)] xl:gap-24">
        <div className="mx-auto w-full max-w-xl lg:mx-0 lg:justify-self-end">
          <h1 className="text-[2.5rem] leading-[1.05] font-bold tracking-[-0.04em] text-balance sm:text-6xl">
            {text.title}
          </h1>
          <p className="mt-5 max-w-md text-lg text-pretty text-soft">{text.lead}</p>
          <div className="mt-9 flex max-w-md flex-col gap-5">
            <Button look="primary" size="large" onClick={() => go(`/r/${newRoomName()}`)}>
              <Plus className="size-5" aria-hidden="true" />
              {text.start}
            </Button>
            <p className="flex items-center gap-3 text-[0.8125rem] text-soft before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
              {text.or}
            </p>
            <JoinForm />
          </div>
        </div>
        <Showcase />
      </main>
      <footer className="flex items-center justify-center px-5 py-5 sm:justify-start sm:px-8">
        <LanguageChoice />
      </footer>
    </div>
  );
}

function JoinForm() {
  const text = useText().home;
  const [, go] = useLocation();
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<"roomMissing" | "roomInvalid">();
  const form = useRef<HTMLFormElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const room = roomIn(typed);
    if (room !== undefined) return go(`/r/${encodeURIComponent(room)}`);
    setProblem(typed.trim() === "" ? "roomMissing" : "roomInvalid");
    form.current?.querySelector("input")?.focus();
  };
  return (
    <form ref={form} onSubmit={submit} noValidate className="flex items-start gap-2.5">
      <TextField
        label={text.roomLabel}
        labelHidden
        placeholder={text.roomPlaceholder}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setProblem(undefined);
        }}
        problem={problem && text[problem]}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        enterKeyHint="go"
        className="flex-1"
      />
      <Button type="submit" size="large" className="px-5">
        {text.join}
        <ArrowRight className="size-4.5" aria-hidden="true" />
      </Button>
    </form>
  );
}
