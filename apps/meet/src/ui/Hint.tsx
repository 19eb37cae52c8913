import { Tooltip } from "@base-ui/react/tooltip";
import type { ReactElement } from "react";

export interface HintProps {
  readonly text: string;
  /** A single key that does the same. */
  readonly shortcut?: string | undefined;
  readonly children: ReactElement;
}

/** Says what an icon means, to those who point at it or tab to it. The element keeps its own label for screen readers. */
export function Hint({ text, shortcut, children }: HintProps) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger render={children} />
      <Tooltip.Portal>
        <Tooltip.Positioner sideOffset={10} className="z-50">
          <Tooltip.Popup className="flex items-center gap-2 rounded-lg bg-ink px-2.5 py-1.5 text-[0.8125rem] font-medium text-canvas shadow-float transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0">
            {text}
            {shortcut && (
              <kbd className="rounded border border-canvas/30 px-1.5 font-sans text-[0.6875rem] leading-4">
                {shortcut}
              </kbd>
            )}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
