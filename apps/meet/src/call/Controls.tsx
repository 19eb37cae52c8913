import { Menu } from "@base-ui/react/menu";
import { useLeave, useMay } from "@satsuma/react";
import { Check, Monitor, Moon, PhoneOff, SlidersHorizontal, Sun, SunMoon } from "lucide-react";
import type { ReactNode } from "react";
import { CameraToggle, MicrophoneToggle } from "../devices/InputToggles.tsx";
import { useKept } from "../settings/kept.ts";
import { Settings } from "../settings/Settings.tsx";
import { type Theme, theme, themes } from "../settings/theme.ts";
import { useText } from "../text/language.ts";
import { classes } from "../ui/classes.ts";
import { Hint } from "../ui/Hint.tsx";
import { BarButton } from "./BarButton.tsx";
import { CopyIcon, useCopyLink, useCopyText } from "./CopyLink.tsx";
import { HandToggle } from "./HandToggle.tsx";
import { ScreenToggle } from "./ScreenToggle.tsx";

/** Everything a person can do in a call, in one bar. Whoever may not speak asks for the word instead. */
export function Controls() {
  const text = useText().controls;
  const leave = useLeave();
  const maySend = { microphone: useMay("microphone"), camera: useMay("camera"), screen: useMay("screen") };
  return (
    <section
      aria-label={text.label}
      className="flex items-center gap-1.5 rounded-full border border-line bg-surface p-1.5 shadow-float sm:gap-2.5 sm:p-2"
    >
      {maySend.microphone ? <MicrophoneToggle /> : <HandToggle />}
      {maySend.camera && <CameraToggle />}
      {maySend.screen && <ScreenToggle />}
      <span className="mx-0.5 h-7 w-px bg-line max-[22rem]:hidden" aria-hidden="true" />
      <Settings
        trigger={
          <BarButton label={text.settings}>
            <SlidersHorizontal aria-hidden="true" />
          </BarButton>
        }
      />
      <CopyButton />
      <ThemeMenu />
      <span className="mx-0.5 h-7 w-px bg-line max-[22rem]:hidden" aria-hidden="true" />
      <Hint text={text.leave}>
        <button
          type="button"
          aria-label={text.leave}
          data-testid="leave"
          onClick={leave}
          className="grid h-12 w-13 place-items-center rounded-full bg-danger text-on-danger transition-colors hover:bg-danger-hover sm:w-16"
        >
          <PhoneOff className="size-5.5" aria-hidden="true" />
        </button>
      </Hint>
    </section>
  );
}

function CopyButton() {
  const { state, copy } = useCopyLink();
  const label = useCopyText(state);
  return (
    <>
      <BarButton label={label} onClick={copy} className={classes(state === "copied" && "text-leaf")}>
        <CopyIcon state={state} />
      </BarButton>
      <output className="sr-only">{state === "ready" ? "" : label}</output>
    </>
  );
}

const themeIcons: Record<Theme, ReactNode> = {
  system: <Monitor aria-hidden="true" />,
  light: <Sun aria-hidden="true" />,
  dark: <Moon aria-hidden="true" />,
};

function ThemeMenu() {
  const text = useText();
  const chosen = useKept(theme);
  return (
    <Menu.Root>
      <Menu.Trigger render={<BarButton label={text.controls.theme} className="max-sm:hidden" />}>
        <SunMoon aria-hidden="true" />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={14} side="top" className="z-50">
          <Menu.Popup className="min-w-40 rounded-xl border border-line bg-raised p-1 text-ink shadow-float outline-none">
            <Menu.RadioGroup value={chosen} onValueChange={(value: Theme) => theme.set(value)}>
              {themes.map((value) => (
                <Menu.RadioItem
                  key={value}
                  value={value}
                  closeOnClick
                  className="grid cursor-pointer grid-cols-[1.25rem_1fr_1rem] items-center gap-2.5 rounded-lg px-2.5 py-2 text-[0.9375rem] outline-none data-highlighted:bg-hover [&>svg]:size-4.5"
                >
                  {themeIcons[value]}
                  {text.theme[value]}
                  <Menu.RadioItemIndicator className="text-accent-text">
                    <Check className="size-4" />
                  </Menu.RadioItemIndicator>
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
