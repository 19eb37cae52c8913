import { useQuality } from "@satsuma/react";
import { SignalLow, SignalMedium, SignalZero } from "lucide-react";
import { useText } from "../text/language.ts";
import { classes } from "../ui/classes.ts";

const icons = { fair: SignalMedium, poor: SignalLow, lost: SignalZero };

/** How well somebody is connected, while that is not well. */
export function Signal({ participant }: { readonly participant: string }) {
  const text = useText().quality;
  const { level } = useQuality(participant);
  if (level === "good") return null;
  const Icon = icons[level];
  return (
    <Icon
      role="img"
      aria-label={text[level]}
      data-testid="signal"
      data-level={level}
      className={classes("size-4 shrink-0", level === "fair" ? "text-[#ffd98a]" : "text-[#ffb3a8]")}
    />
  );
}
