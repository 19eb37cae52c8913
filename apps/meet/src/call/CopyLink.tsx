import { Check, Link2 } from "lucide-react";
import { useEffect, useState } from "react";
import { useText } from "../text/language.ts";

type Copy = "ready" | "copied" | "failed";

/** Copies this meeting's address, and says so for a moment. */
export function useCopyLink(): { readonly state: Copy; readonly copy: () => void } {
  const [state, setState] = useState<Copy>("ready");
  useEffect(() => {
    if (state === "ready") return;
    const timer = setTimeout(() => setState("ready"), 2500);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () => {
    // Without https there is no clipboard at all.
    const written = navigator.clipboard?.writeText(location.href) ?? Promise.reject(new Error("no clipboard"));
    written.then(
      () => setState("copied"),
      () => setState("failed"),
    );
  };
  return { state, copy };
}

export function CopyIcon({ state }: { readonly state: Copy }) {
  return state === "copied" ? <Check aria-hidden="true" /> : <Link2 aria-hidden="true" />;
}

export function useCopyText(state: Copy): string {
  const text = useText().controls;
  return { ready: text.copy, copied: text.copied, failed: text.copyFailed }[state];
}
