import { useHands, useMay } from "@satsuma/react";
import { Hand } from "lucide-react";
import { useText } from "../text/language.ts";
import { classes } from "../ui/classes.ts";
import { BarButton } from "./BarButton.tsx";

/** Asks to be let on stage, or takes that back. Not there where the room lets nobody ask. */
export function HandToggle() {
  const text = useText().controls;
  const may = useMay("raise");
  const { raised, raise, lower } = useHands();
  if (!may) return null;
  return (
    <BarButton
      label={raised ? text.lowerHand : text.raiseHand}
      data-testid="hand-toggle"
      data-on={raised}
      onClick={() => void (raised ? lower() : raise())}
      className={classes(raised && "bg-accent-tint text-accent-text hover:bg-accent-tint")}
    >
      <Hand aria-hidden="true" />
    </BarButton>
  );
}
