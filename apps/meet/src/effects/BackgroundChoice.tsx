import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import { canTreatPictures } from "@satsuma/effects";
import { Ban, Check, ImagePlus, Trash2 } from "lucide-react";
import { type ChangeEvent, type ReactNode, useId, useState } from "react";
import { useKept } from "../settings/kept.ts";
import { useText } from "../text/language.ts";
import { classes } from "../ui/classes.ts";
import { type BackgroundName, background, dropImage, imageNames, images, ownImage, takeImage } from "./choice.ts";

/** What is behind a person in their own picture: the room as it is, the room blurred, or another picture. */
export function BackgroundChoice() {
  const text = useText().effects;
  const id = useId();
  const chosen = useKept(background);
  const own = useKept(ownImage);
  if (!canTreatPictures()) return <p className="text-[0.8125rem] text-soft">{text.notHere}</p>;
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <span id={id} className="text-[0.8125rem] font-medium text-soft">
        {text.background}
      </span>
      <div className="grid grid-cols-6 gap-2">
        <RadioGroup
          aria-labelledby={id}
          value={chosen}
          onValueChange={(value) => background.set(value as BackgroundName)}
          className="contents"
        >
          <Tile value="none" label={text.none}>
            <span className="grid size-full place-items-center bg-surface text-soft">
              <Ban className="size-5" aria-hidden="true" />
            </span>
          </Tile>
          <Tile value="blur" label={text.blur}>
            <Blurred />
          </Tile>
          {imageNames.map((name) => (
            <Tile key={name} value={name} label={text.images[name]}>
              <Picture address={images[name]} />
            </Tile>
          ))}
          {own !== "" && (
            <Tile value="own" label={text.own}>
              <Picture address={own} />
            </Tile>
          )}
        </RadioGroup>
        {own === "" && <Upload label={text.choose} />}
      </div>
      {own !== "" && <OwnPicture />}
    </div>
  );
}

interface TileProps {
  readonly value: BackgroundName;
  readonly label: string;
  readonly children: ReactNode;
}

const tile =
  "relative aspect-square w-full cursor-pointer overflow-hidden rounded-xl border border-line transition-shadow select-none";

function Tile({ value, label, children }: TileProps) {
  return (
    <Radio.Root
      value={value}
      aria-label={label}
      title={label}
      className={classes(
        tile,
        "data-checked:ring-2 data-checked:ring-ring data-checked:ring-offset-2 data-checked:ring-offset-canvas",
      )}
    >
      {children}
      <Radio.Indicator className="absolute right-1 bottom-1 grid size-4.5 place-items-center rounded-full bg-accent text-on-accent">
        <Check className="size-3" strokeWidth={3} aria-hidden="true" />
      </Radio.Indicator>
    </Radio.Root>
  );
}

function Picture({ address }: { readonly address: string }) {
  return <img src={address} alt="" className="size-full object-cover" draggable={false} />;
}

/** A person before soft shapes: what the effect does, in small. */
function Blurred() {
  return (
    <svg viewBox="0 0 48 48" className="size-full" aria-hidden="true">
      <defs>
        <filter id="tile-blur" x="-20%" y="-20%" width="140%" height="140%">
          <feGaussianBlur stdDeviation="3.4" />
        </filter>
      </defs>
      <rect width="48" height="48" className="fill-sunken" />
      <g filter="url(#tile-blur)">
        <circle cx="9" cy="12" r="9" className="fill-leaf" opacity="0.6" />
        <circle cx="40" cy="9" r="10" className="fill-peel" opacity="0.6" />
        <rect x="30" y="26" width="18" height="20" className="fill-line-strong" opacity="0.5" />
      </g>
      <circle cx="24" cy="20" r="7.5" className="fill-soft" />
      <path d="M8 50 Q9 31 24 31 Q39 31 40 50 Z" className="fill-soft" />
    </svg>
  );
}

function OwnPicture() {
  const text = useText().effects;
  return (
    <div className="flex items-center gap-1">
      <Upload label={text.another} wide />
      <button
        type="button"
        onClick={dropImage}
        className="inline-flex h-8 items-center gap-1.5 rounded-lg px-2 text-[0.8125rem] font-medium whitespace-nowrap text-soft transition-colors hover:bg-hover hover:text-ink"
      >
        <Trash2 className="size-4" aria-hidden="true" />
        {text.remove}
      </button>
    </div>
  );
}

/** Takes a file of the person's own. It is read here and goes nowhere. */
function Upload({ label, wide = false }: { readonly label: string; readonly wide?: boolean }) {
  const text = useText().effects;
  const [unreadable, setUnreadable] = useState(false);
  const take = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const [file] = target.files ?? [];
    // The same file may be chosen again.
    target.value = "";
    if (file) setUnreadable(!(await takeImage(file)));
  };
  return (
    <>
      <label
        title={wide ? undefined : label}
        className={classes(
          "cursor-pointer text-soft transition-colors hover:bg-hover hover:text-ink has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-ring",
          wide
            ? "inline-flex h-8 items-center gap-1.5 rounded-lg px-2 text-[0.8125rem] font-medium whitespace-nowrap"
            : "grid aspect-square w-full place-items-center rounded-xl border border-dashed border-line-strong",
        )}
      >
        <ImagePlus className={wide ? "size-4" : "size-5"} aria-hidden="true" />
        <span className={wide ? undefined : "sr-only"}>{label}</span>
        <input type="file" accept="image/*" onChange={(event) => void take(event)} className="sr-only" />
      </label>
      {unreadable && (
        <p role="alert" className={classes("text-[0.8125rem] text-danger-text", !wide && "col-span-6")}>
          {text.unreadable}
        </p>
      )}
    </>
  );
}
