import { Dialog } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactElement } from "react";
import { DeviceChoices } from "../devices/DeviceChoices.tsx";
import { BackgroundChoice } from "../effects/BackgroundChoice.tsx";
import { VoiceOnly } from "../effects/VoiceOnly.tsx";
import { useText } from "../text/language.ts";
import { Button } from "../ui/Button.tsx";
import { Row } from "../ui/Row.tsx";
import { Toggle } from "../ui/Toggle.tsx";
import { useKept } from "./kept.ts";
import { shortcutsOn } from "./person.ts";
import { LanguageChoice, ThemeChoice } from "./ThemeChoice.tsx";

/** Devices, appearance, language and shortcuts, opened by the element given. */
export function Settings({ trigger }: { readonly trigger: ReactElement }) {
  const text = useText().devices;
  const shortcuts = useKept(shortcutsOn);
  return (
    <Dialog.Root>
      <Dialog.Trigger render={trigger} />
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40 backdrop-blur-[2px] transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Dialog.Popup className="fixed inset-x-0 bottom-0 z-40 max-h-[92dvh] overflow-y-auto rounded-t-3xl border border-line bg-surface p-5 pb-[max(1.25rem,env(safe-area-inset-bottom))] text-ink shadow-float transition duration-200 data-ending-style:opacity-0 data-starting-style:translate-y-4 data-starting-style:opacity-0 sm:inset-x-auto sm:top-1/2 sm:bottom-auto sm:left-1/2 sm:w-[26rem] sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-3xl sm:p-6 sm:data-starting-style:-translate-y-1/2 sm:data-starting-style:scale-98">
          <div className="mb-5 flex items-center justify-between">
            <Dialog.Title className="text-lg font-semibold tracking-[-0.02em]">{text.title}</Dialog.Title>
            <Dialog.Close
              aria-label={text.close}
              className="-mr-1.5 grid size-9 place-items-center rounded-full text-soft hover:bg-hover hover:text-ink"
            >
              <X className="size-5" />
            </Dialog.Close>
          </div>
          <div className="flex flex-col gap-4">
            <DeviceChoices />
            <BackgroundChoice />
            <VoiceOnly />
            <hr className="border-line" />
            <Row label={text.theme}>
              <ThemeChoice iconsOnly />
            </Row>
            <Row label={text.languageLabel}>
              <LanguageChoice />
            </Row>
            <Row label={text.shortcuts} hint={text.shortcutsHint}>
              <Toggle label={text.shortcuts} on={shortcuts} onChange={(on) => shortcutsOn.set(on)} />
            </Row>
          </div>
          <Dialog.Close render={<Button look="primary" className="mt-6 w-full" />}>{text.done}</Dialog.Close>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
