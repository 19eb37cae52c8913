import type { ComponentProps } from "react";
import { classes } from "../ui/classes.ts";
import { Hint } from "../ui/Hint.tsx";

/** A round button of the bar: an icon, with its words where one points or tabs to it. */
export function BarButton({ label, className, ...rest }: ComponentProps<"button"> & { readonly label: string }) {
  return (
    <Hint text={label}>
      <button
        type="button"
        aria-label={label}
        className={classes(
          "grid size-12 place-items-center rounded-full text-soft transition-colors select-none hover:bg-hover hover:text-ink data-popup-open:bg-hover data-popup-open:text-ink [&>svg]:size-5.5",
          className,
        )}
        {...rest}
      />
    </Hint>
  );
}
