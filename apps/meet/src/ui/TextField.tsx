import type { ComponentProps } from "react";
import { useId } from "react";
import { classes } from "./classes.ts";

export type TextFieldProps = ComponentProps<"input"> & {
  readonly label: string;
  /** What is wrong with what was entered. */
  readonly problem?: string | undefined;
  readonly labelHidden?: boolean;
};

export function TextField({ label, problem, labelHidden, className, ...rest }: TextFieldProps) {
  const id = useId();
  return (
    <div className={classes("flex min-w-0 flex-col gap-1.5", className)}>
      <label htmlFor={id} className={labelHidden ? "sr-only" : "text-[0.8125rem] font-medium text-soft"}>
        {label}
      </label>
      <input
        id={id}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `${id}-problem`}
        className={classes(
          "h-13 w-full min-w-0 rounded-xl border bg-surface px-4 text-base text-ink placeholder:text-soft/80",
          problem === undefined ? "border-line hover:border-line-strong" : "border-danger",
        )}
        {...rest}
      />
      {problem !== undefined && (
        <p id={`${id}-problem`} role="alert" className="text-[0.8125rem] text-danger-text">
          {problem}
        </p>
      )}
    </div>
  );
}
