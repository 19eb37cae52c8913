import { useScreenShare } from "@satsuma/react";
import { MonitorUp, MonitorX } from "lucide-react";
import { useText } from "../text/language.ts";
import { classes } from "../ui/classes.ts";
import { BarButton } from "./BarButton.tsx";

/** Shares a screen, or ends all shares. Not there where the browser cannot share. */
export function ScreenToggle() {
  const text = useText().controls;
  const { possible, count, share, stop } = useScreenShare();
  if (!possible) return null;
  const sharing = count > 0;
  return (
    <BarButton
      label={sharing ? text.stopScreen : text.shareScreen}
      data-testid="screen-toggle"
      data-on={sharing}
      onClick={() => (sharing ? stop() : void share())}
      className={classes("max-[26rem]:hidden", sharing && "bg-accent-tint text-accent-text hover:bg-accent-tint")}
    >
      {sharing ? <MonitorX aria-hidden="true" /> : <MonitorUp aria-hidden="true" />}
    </BarButton>
  );
}
