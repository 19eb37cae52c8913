import { Grid, ScreenTile, type SharedScreen } from "@satsuma/react";
import { LoaderCircle, MonitorUp } from "lucide-react";
import { useText } from "../text/language.ts";

/** What is being shared, as large as it fits; each screen whole. */
export function Screens({ screens }: { readonly screens: readonly SharedScreen[] }) {
  const text = useText().call;
  return (
    <Grid
      items={screens}
      aria-label={text.screens}
      role="group"
      data-testid="screens"
      className="min-h-0 min-w-0 flex-[4] rounded-2xl"
    >
      {(screen) => (
        <ScreenTile
          key={screen.id}
          screen={screen}
          className="relative grid h-(--tile-height) w-(--tile-width) animate-appear place-items-center overflow-hidden rounded-2xl bg-black"
          videoClassName="absolute inset-0"
          placeholder={<LoaderCircle className="size-8 animate-spin-slow text-white/70" aria-hidden="true" />}
        >
          <p className="absolute bottom-2 left-2 flex max-w-[calc(100%-1rem)] items-center gap-1.5 rounded-lg bg-black/60 px-2 py-1 text-[0.8125rem] leading-5 font-medium text-white backdrop-blur-md">
            <MonitorUp className="size-3.5 shrink-0" aria-hidden="true" />
            <bdi className="truncate">
              {screen.participant.local ? text.ownScreen : text.screenOf(screen.participant.name)}
            </bdi>
          </p>
        </ScreenTile>
      )}
    </Grid>
  );
}
