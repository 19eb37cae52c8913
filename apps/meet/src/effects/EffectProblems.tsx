import type { CaptureKind } from "@satsuma/client";
import { useTrackEffect } from "@satsuma/react";
import { useState } from "react";
import { useText } from "../text/language.ts";
import { Button } from "../ui/Button.tsx";
import { Notice } from "../ui/Notice.tsx";
import { background, tryAgain, voiceOnly } from "./choice.ts";

export interface EffectProblemsProps {
  /** Over the call, where it may be put aside. */
  readonly floating?: boolean;
}

/** That what a person chose to be hidden or taken away is not, and why. */
export function EffectProblems({ floating = false }: EffectProblemsProps) {
  return (
    <>
      <Problem kind="camera" floating={floating} />
      <Problem kind="microphone" floating={floating} />
    </>
  );
}

function Problem({ kind, floating }: { readonly kind: CaptureKind; readonly floating: boolean }) {
  const text = useText();
  const { effect } = useTrackEffect(kind);
  const [aside, setAside] = useState<typeof effect>();
  if (effect.state !== "off" || effect === aside) return null;
  const hopeless = effect.reason === "effect-unsupported" || effect.reason === "image-unreadable";
  const without = () => (kind === "camera" ? background.set("none") : voiceOnly.set(false));
  const notice = (
    <Notice
      title={text.effects.off[kind]}
      action={
        !hopeless && (
          <Button size="small" onClick={tryAgain}>
            {text.devices.retry}
          </Button>
        )
      }
      dismiss={{ label: text.devices.dismiss, onDismiss: floating ? () => setAside(effect) : without }}
    >
      {text.effects.why[effect.reason]}
    </Notice>
  );
  return floating ? <div className="w-full max-w-md rounded-2xl bg-raised p-2 shadow-float">{notice}</div> : notice;
}
