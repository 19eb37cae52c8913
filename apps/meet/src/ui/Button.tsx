import type { ComponentProps } from "react";
import { classes } from "./classes.ts";

const looks = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover shadow-card",
  plain: "bg-surface text-ink border border-line hover:bg-hover",
  quiet: "text-soft hover:bg-hover hover:text-ink",
  danger: "bg-danger text-on-danger hover:bg-danger-hover",
};

const sizes = {
  medium: "h-11 px-4 text-[0.9375rem]",
  large: "h-13 px-6 text-base",
  small: "h-9 px-3 text-sm",
};

export type ButtonProps = ComponentProps<"button"> & {
  readonly look?: keyof typeof looks;
  readonly size?: keyof typeof sizes;
};

export function Button({ look = "plain", size = "medium", className, type = "button", ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      className={classes(
        "inline-flex shrink-0 items-center justify-center gap-2 rounded-xl font-semibold tracking-[-0.01em] transition-colors select-none disabled:opacity-60",
        looks[look],
        sizes[size],
        className,
      )}
      {...rest}
    />
  );
}
