import { useMe, useQuality, useStep } from "@satsuma/react";
import { SignalLow } from "lucide-react";
import { useText } from "../text/language.ts";

/** What is wrong with one's own connection or machine, what the app did about it, and what one can do oneself. */
export function Trouble() {
  const text = useText().quality;
  const me = useMe();
  const { level, cause, advice } = useQuality(me?.id ?? "");
  const step = useStep();
  // A lost connection has a banner of its own, and what is fair needs no word.
  if (cause === undefined || level !== "poor") return step > 0 ? <Note>{text.reduced}</Note> : null;
  const [first] = advice;
  return (
    <Note>
      <span className="font-semibold">{text.cause[cause]}</span> {first && text.advice[first]}{" "}
      {step > 0 && text.reduced}
    </Note>
  );
}

function Note({ children }: { readonly children: React.ReactNode }) {
  return (
    <output
      data-testid="trouble"
      className="pointer-events-auto flex max-w-xl animate-appear items-center gap-2.5 rounded-2xl border border-line bg-raised px-4 py-2.5 text-sm shadow-float"
    >
      <SignalLow className="size-4.5 shrink-0 text-notice-text" aria-hidden="true" />
      <span>{children}</span>
    </output>
  );
}
