/**
 * What makes a control one, ready to be spread over a `button` or a `select`. Its name and its looks are the app's.
 *
 * The same object until what it says changes, so that a control that is memoized is not drawn for nothing.
 */
import { type ChangeEvent, useMemo } from "react";

export interface ToggleProps {
  readonly type: "button";
  /** Whether it is on, so the button's name is that of what is on: "Microphone", and not "Mute". */
  readonly "aria-pressed": boolean;
  readonly "aria-busy": boolean;
  readonly disabled: boolean;
  readonly onClick: () => void;
}

export interface SelectProps {
  readonly value: string;
  readonly disabled: boolean;
  readonly onChange: (event: ChangeEvent<HTMLSelectElement>) => void;
}

interface Toggle {
  readonly on: boolean;
  readonly busy?: boolean;
  readonly possible?: boolean;
  /** What goes wrong is told elsewhere. */
  readonly press: () => unknown;
}

export function useToggleProps({ on, busy = false, possible = true, press }: Toggle): ToggleProps {
  return useMemo(
    () => ({
      type: "button",
      "aria-pressed": on,
      "aria-busy": busy,
      disabled: !possible,
      onClick: () => void press(),
    }),
    [on, busy, possible, press],
  );
}

/** `value` is empty while nothing is chosen. */
export function useSelectProps(
  value: string | undefined,
  possible: boolean,
  select: (value: string) => unknown,
): SelectProps {
  return useMemo(
    () => ({
      value: value ?? "",
      disabled: !possible,
      onChange: (event: ChangeEvent<HTMLSelectElement>) => void select(event.currentTarget.value),
    }),
    [value, possible, select],
  );
}
