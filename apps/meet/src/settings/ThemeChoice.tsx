import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import { Monitor, Moon, Sun } from "lucide-react";
import type { ReactNode } from "react";
import { type Language, language, languages, nameOfLanguage, useText } from "../text/language.ts";
import { classes } from "../ui/classes.ts";
import { type Kept, useKept } from "./kept.ts";
import { theme, themes } from "./theme.ts";

const icons = { system: <Monitor />, light: <Sun />, dark: <Moon /> };

export function ThemeChoice({ iconsOnly }: { readonly iconsOnly?: boolean }) {
  const text = useText();
  return (
    <Segments
      label={text.devices.theme}
      kept={theme}
      values={themes}
      show={(value) => (
        <>
          {icons[value]}
          <span className={iconsOnly ? "sr-only" : undefined}>{text.theme[value]}</span>
        </>
      )}
    />
  );
}

export function LanguageChoice({ short }: { readonly short?: boolean }) {
  const text = useText();
  const show = (value: Language) => (short ? value.toUpperCase() : nameOfLanguage(value));
  return <Segments label={text.devices.languageLabel} kept={language} values={languages} show={show} />;
}

interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly kept: Kept<T>;
  readonly values: readonly T[];
  readonly show: (value: T) => ReactNode;
}

function Segments<T extends string>({ label, kept, values, show }: SegmentsProps<T>) {
  const chosen = useKept(kept);
  return (
    <RadioGroup
      aria-label={label}
      value={chosen}
      onValueChange={(value) => kept.set(value as T)}
      className="inline-flex rounded-xl bg-sunken p-1"
    >
      {values.map((value) => (
        <Radio.Root
          key={value}
          value={value}
          className={classes(
            "flex h-9 flex-1 cursor-pointer items-center justify-center gap-2 rounded-lg px-2.5 text-sm sm:px-3 font-medium text-soft transition-colors select-none hover:text-ink [&>svg]:size-4",
            "data-checked:bg-raised data-checked:text-ink data-checked:shadow-card",
          )}
        >
          {show(value)}
        </Radio.Root>
      ))}
    </RadioGroup>
  );
}
