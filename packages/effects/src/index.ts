export { Background, type BackgroundOptions, createBackground, type Look } from "./background/background.ts";
export { canTreatPictures } from "./background/streams.ts";
export type { Pace } from "./background/words.ts";
export type { Budget, Pacing } from "./governor.ts";
export { canTreatSound, createNoiseSuppression, type NoiseOptions, NoiseSuppression } from "./noise.ts";
