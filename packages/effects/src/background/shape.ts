/** Which part of a picture fills another shape without being stretched, and which model suits which shape. Pure. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Part extends Size {
  readonly x: number;
  readonly y: number;
}

/** The largest part in the middle of `picture` that has the shape of `frame`. */
export function coverOf(picture: Size, frame: Size): Part {
  const scale = Math.min(picture.width / frame.width, picture.height / frame.height);
  const width = frame.width * scale;
  const height = frame.height * scale;
  return { x: (picture.width - width) / 2, y: (picture.height - height) / 2, width, height };
}

export type ModelName = "landscape" | "square";

/** What each model looks at; a picture of another shape is stretched, which it bears within limits. */
export const modelSizes: Readonly<Record<ModelName, Size>> = {
  landscape: { width: 256, height: 144 },
  square: { width: 256, height: 256 },
};

/** Halfway between 16:9 and 1:1, by their product. */
const turning = 4 / 3 - 0.01;

export function modelFor({ width, height }: Size): ModelName {
  return width / height >= turning ? "landscape" : "square";
}
