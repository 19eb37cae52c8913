/**
 * Single keys that do what the buttons do: letters, since every browser and system leaves those alone.
 *
 * They rest while a person types, and while a modifier is held. They can be switched off (settings/person.ts).
 */
import { useLocalMedia } from "@satsuma/react";
import { useEffect } from "react";
import { useKept } from "../settings/kept.ts";
import { shortcutsOn } from "../settings/person.ts";

/** Of what one may switch; in a lobby, both. */
export function useShortcuts({ microphone: speaks = true, camera: shows = true } = {}): void {
  const media = useLocalMedia();
  const on = useKept(shortcutsOn);
  useEffect(() => {
    if (!on) return;
    const press = (event: KeyboardEvent) => {
      if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const { microphone, camera } = media.snapshot();
      const key = event.key.toLowerCase();
      if (key === "m" && speaks) void media.setMicrophone(!microphone.on);
      if (key === "v" && shows) void media.setCamera(!camera.on);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [media, on, speaks, shows]);
}

/** In a field, or in a list that jumps to what is typed. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest("input, textarea, select, [contenteditable], [role=listbox]") !== null
  );
}
