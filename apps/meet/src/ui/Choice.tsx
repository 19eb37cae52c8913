import { Select } from "@base-ui/react/select";
import { Check, ChevronDown } from "lucide-react";
import type { ReactNode } from "react";

export interface Option {
  readonly value: string;
  readonly label: string;
}

export interface ChoiceProps {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly options: readonly Option[];
  readonly value: string | undefined;
  readonly onChange: (value: string) => void;
  /** Shown while there is nothing to choose from. */
  readonly empty?: string;
}

/** One of several, with its label above. */
export function Choice({ label, icon, options, value, onChange, empty }: ChoiceProps) {
  const chosen = options.find((option) => option.value === value) ?? options[0];
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <span className="text-[0.8125rem] font-medium text-soft">{label}</span>
      <Select.Root
        items={options}
        value={chosen?.value ?? null}
        onValueChange={(next) => next !== null && onChange(next)}
        disabled={options.length === 0}
      >
        <Select.Trigger
          aria-label={label}
          className="flex h-11 w-full min-w-0 items-center gap-2.5 rounded-xl border border-line bg-surface px-3 text-left text-[0.9375rem] text-ink transition-colors hover:bg-hover data-disabled:text-soft data-popup-open:bg-hover"
        >
          {icon && <span className="shrink-0 text-soft [&>svg]:size-4.5">{icon}</span>}
          <span className="min-w-0 flex-1 truncate">{chosen ? <Select.Value /> : empty}</span>
          <Select.Icon className="shrink-0 text-soft">
            <ChevronDown className="size-4" />
          </Select.Icon>
        </Select.Trigger>
        <Select.Portal>
          <Select.Positioner className="z-50" sideOffset={6} alignItemWithTrigger={false}>
            <Select.Popup className="max-h-(--available-height) w-(--anchor-width) min-w-56 overflow-y-auto rounded-xl border border-line bg-raised p-1 text-ink shadow-float outline-none transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0">
              {options.map((option) => (
                <Select.Item
                  key={option.value}
                  value={option.value}
                  className="grid cursor-pointer grid-cols-[1rem_1fr] items-center gap-2 rounded-lg px-2.5 py-2 text-[0.9375rem] outline-none data-highlighted:bg-hover"
                >
                  <Select.ItemIndicator className="col-start-1 text-accent-text">
                    <Check className="size-4" />
                  </Select.ItemIndicator>
                  <Select.ItemText className="col-start-2 truncate">{option.label}</Select.ItemText>
                </Select.Item>
              ))}
            </Select.Popup>
          </Select.Positioner>
        </Select.Portal>
      </Select.Root>
    </div>
  );
}
