import { UserRound } from "lucide-react";
import type { CSSProperties } from "react";
import { classes } from "./classes.ts";
import { hueOf, initialsOf } from "./initials.ts";

export interface InitialsProps {
  readonly name: string;
  /** What the colour is drawn from, so that a person keeps it when their name changes. */
  readonly seed: string;
  readonly className?: string;
}

/** A disc with a person's initials, in a colour of their own; a silhouette while they have no name. */
export function Initials({ name, seed, className }: InitialsProps) {
  const hue = { "--hue": hueOf(seed) } as CSSProperties;
  return (
    <span
      aria-hidden="true"
      style={hue}
      className={classes(
        "@container grid aspect-square place-items-center rounded-full bg-[light-dark(oklch(0.86_0.07_var(--hue)),oklch(0.4_0.07_var(--hue)))] font-semibold text-[light-dark(oklch(0.34_0.09_var(--hue)),oklch(0.93_0.05_var(--hue)))] select-none",
        className,
      )}
    >
      {initialsOf(name) === "" ? (
        <UserRound className="size-[46%]" />
      ) : (
        <span className="text-[36cqw] leading-none tracking-[-0.02em]">{initialsOf(name)}</span>
      )}
    </span>
  );
}
