import { Switch } from "@base-ui/react/switch";

export interface ToggleProps {
  readonly label: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
}

/** On or off, at once. */
export function Toggle({ label, on, onChange }: ToggleProps) {
  return (
    <Switch.Root
      aria-label={label}
      checked={on}
      onCheckedChange={onChange}
      className="flex h-7 w-12 shrink-0 cursor-pointer items-center rounded-full bg-line-strong p-0.75 transition-colors data-checked:bg-accent"
    >
      <Switch.Thumb className="size-5.5 rounded-full bg-white shadow-card transition-transform data-checked:translate-x-5" />
    </Switch.Root>
  );
}
