import { Mic, MicOff } from "lucide-react";
import { classes } from "../ui/classes.ts";
import { Initials } from "../ui/Initials.tsx";
import { Logo } from "../ui/Logo.tsx";

const people = [
  { name: "Mira Okafor", place: "col-span-3 row-span-3", speaking: true, muted: false },
  { name: "Jonas Lind", place: "col-span-2 row-span-2", speaking: false, muted: true },
  { name: "Sofia Reyes", place: "col-span-2 row-span-2", speaking: false, muted: false },
  { name: "Taro Ito", place: "col-span-3 row-span-1", speaking: false, muted: true },
];

/** What a meeting looks like, for the start page. Decoration only. */
export function Showcase() {
  return (
    <div className="relative hidden lg:block" aria-hidden="true">
      <Logo className="absolute -top-24 -right-28 size-[30rem] opacity-12 xl:size-[36rem]" />
      <div className="relative grid aspect-5/4 max-w-2xl grid-cols-5 grid-rows-4 gap-3 rounded-[2rem] border border-line bg-surface/80 p-3 shadow-float backdrop-blur-xl">
        {people.map(({ name, place, speaking, muted }) => (
          <div
            key={name}
            className={classes(
              "relative grid place-items-center rounded-2xl bg-tile",
              place,
              speaking && "ring-3 ring-ring",
            )}
          >
            <Initials name={name} seed={name} className="h-[42%]" />
            <span className="absolute bottom-2.5 left-2.5 flex items-center gap-1.5 rounded-lg bg-black/55 px-2 py-1 text-xs font-medium text-white [&>svg]:size-3.5">
              {muted ? <MicOff /> : <Mic />}
              {name.split(" ")[0]}
            </span>
          </div>
        ))}
      </div>
    </div>
  );
}
