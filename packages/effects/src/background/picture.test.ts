import { expect, test } from "vitest";
import { Blur, radiusOf } from "./blur.ts";
import { intoAlpha, smooth, steady } from "./mask.ts";
import { coverOf, modelFor } from "./shape.ts";

const width = 64;
const height = 36;

/** Grey of every pixel by its place. */
function picture(grey: (x: number, y: number) => number): Uint8ClampedArray {
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let at = 0; at < width * height; at += 1) {
    const value = grey(at % width, Math.floor(at / width));
    pixels.set([value, value, value, 255], at * 4);
  }
  return pixels;
}

function maskOf(person: (x: number, y: number) => boolean): Float32Array {
  return Float32Array.from({ length: width * height }, (_, at) => (person(at % width, Math.floor(at / width)) ? 1 : 0));
}

function blurred(source: Uint8ClampedArray, mask: Float32Array, radius: number): Uint8ClampedArray {
  const target = new Uint8ClampedArray(source.length);
  new Blur(width, height).apply(source, mask, radius, target);
  return target;
}

const at = (pixels: Uint8ClampedArray, x: number, y: number) => pixels[(y * width + x) * 4] ?? -1;
const nobody = maskOf(() => false);

test("a plain wall stays as bright as it was, to its corners", () => {
  const wall = blurred(
    picture(() => 120),
    nobody,
    5,
  );
  for (const [x, y] of [
    [0, 0],
    [63, 0],
    [0, 35],
    [63, 35],
    [30, 18],
  ] as const)
    expect(at(wall, x, y)).toBe(120);
});

test("a pattern of stripes becomes one grey", () => {
  const stripes = picture((x) => (x % 2 === 0 ? 0 : 200));
  const soft = blurred(stripes, nobody, 6);
  for (let x = 20; x < 44; x += 1) expect(Math.abs(at(soft, x, 18) - 100)).toBeLessThan(4);
});

test("a dark person leaves no shadow on the wall beside them", () => {
  const person = (x: number) => x >= 24 && x < 40;
  const scene = picture((x) => (person(x) ? 0 : 200));
  const known = blurred(scene, maskOf(person), 5);
  const unknown = blurred(scene, nobody, 5);
  expect(at(known, 22, 18)).toBeGreaterThan(195);
  expect(at(unknown, 22, 18)).toBeLessThan(170);
});

test("a picture that is all person is blurred too, and breaks nothing", () => {
  const soft = blurred(
    picture((x) => x * 4),
    maskOf(() => true),
    9,
  );
  expect(at(soft, 32, 18)).toBeGreaterThan(100);
  expect(at(soft, 32, 18)).toBeLessThan(156);
});

test("strength is bounded, and stands for the same blur in every size", () => {
  expect([-1, 0, 0.5, 1, 7, Number.NaN].map((strength) => radiusOf(strength, 256))).toEqual([1, 1, 5, 9, 9, 9]);
  expect(radiusOf(1, 128)).toBe(5);
});

test("a doubt of the model is smoothed, a movement is followed at once", () => {
  const mask = Float32Array.of(0.9, 0, 1);
  steady(mask, [0.8, 1, 0]);
  expect(mask[0]).toBeGreaterThan(0.8);
  expect(mask[0]).toBeLessThan(0.9);
  expect([mask[1], mask[2]]).toEqual([1, 0]);
});

test("the edge is soft, and what is surely one or the other is wholly so", () => {
  expect([0, 0.3, 0.65, 0.95, 1].map((value) => Math.round(smooth(value) * 100))).toEqual([0, 0, 50, 100, 100]);
  const pixels = new Uint8ClampedArray(width * height * 4);
  intoAlpha(
    maskOf((x) => x >= 32),
    width,
    pixels,
  );
  const row = [0, 30, 31, 32, 33, 63].map((x) => pixels[(18 * width + x) * 4 + 3] ?? -1);
  expect([row[0], row[1], row[4], row[5]]).toEqual([0, 0, 255, 255]);
  expect(row[2]).toBeLessThan(row[3] ?? 0);
  expect(row[3]).toBeLessThan(255);
});

test("a background fills the frame from its middle, without being stretched", () => {
  expect(coverOf({ width: 1000, height: 1000 }, { width: 1280, height: 720 })).toEqual({
    x: 0,
    y: 218.75,
    width: 1000,
    height: 562.5,
  });
  expect(coverOf({ width: 400, height: 100 }, { width: 100, height: 100 })).toMatchObject({ x: 150, width: 100 });
});

test("a phone held upright is looked at with the square model, a laptop with the wide one", () => {
  expect(modelFor({ width: 1280, height: 720 })).toBe("landscape");
  expect(modelFor({ width: 640, height: 480 })).toBe("landscape");
  expect(modelFor({ width: 480, height: 480 })).toBe("square");
  expect(modelFor({ width: 720, height: 1280 })).toBe("square");
});
