/** Treats devices as the person chose, from the lobby to the end of the call. */
import type { LocalMedia } from "@satsuma/client";
import { type Background, createBackground, createNoiseSuppression, type Look } from "@satsuma/effects";
import { background, images, ownImage, tries, voiceOnly } from "./choice.ts";

/** Where this page's build put the files (effects-plugin.ts). */
const assets: string = import.meta.env.VITE_EFFECTS;

/** Until the returned function is called. */
export function followEffects(media: LocalMedia): () => void {
  const noise = createNoiseSuppression({ assets });
  let scene: Background | undefined;
  const picture = () => {
    const look = lookOf();
    if (!look) media.setEffect("camera", undefined);
    else if (!scene) scene = createBackground({ assets, look });
    // A picture that cannot be read hides nothing; what hides is better.
    else scene.show(look).catch(() => background.set("blur"));
    if (look) media.setEffect("camera", scene);
  };
  const sound = () => media.setEffect("microphone", voiceOnly.snapshot() ? noise : undefined);
  picture();
  sound();
  const undo = [
    background.subscribe(picture),
    ownImage.subscribe(() => background.snapshot() === "own" && picture()),
    voiceOnly.subscribe(sound),
    tries.subscribe(picture),
    tries.subscribe(sound),
  ];
  return () => {
    for (const stop of undo) stop();
    scene?.close();
  };
}

function lookOf(): Look | undefined {
  const chosen = background.snapshot();
  if (chosen === "none") return undefined;
  if (chosen === "blur") return { kind: "blur" };
  const url = chosen === "own" ? ownImage.snapshot() : images[chosen];
  return url === "" ? undefined : { kind: "image", url };
}
