import { useMicrophoneLevel } from "@satsuma/react";
import { classes } from "../ui/classes.ts";

/** How loud the microphone is, in bars. Only for the eye: a number read out ten times a second helps nobody. */
export function Level({ className }: { readonly className?: string }) {
  const level = useMicrophoneLevel();
  // Ears hear in decibels: -50 dBFS is an empty bar, -10 dBFS a full one.
  const share = level <= 0 ? 0 : Math.min(1, Math.max(0, (20 * Math.log10(level) + 50) / 40));
  return (
    <span className={classes("flex h-4 items-center gap-0.75", className)} aria-hidden="true">
      {bars.map((bar) => (
        <span
          key={bar}
          className="h-full w-1 rounded-full bg-current transition-opacity duration-75"
          style={{ opacity: share > bar / bars.length ? 1 : 0.25 }}
        />
      ))}
    </span>
  );
}

const bars = [0, 1, 2, 3, 4, 5];
