import { expect, test } from "vitest";
import { layoutOf, scrollingTile } from "./layout.ts";

const options = { gap: 8, widest: 16 / 9, tallest: 4 / 3 };
const laptop = { width: 1280, height: 640 };
const phone = { width: 360, height: 560 };

test("one person fills the height of a laptop at 16:9", () => {
  expect(layoutOf(1, laptop, options)).toEqual({ columns: 1, rows: 1, tile: { width: 1137, height: 640 } });
});

test("two people sit side by side on a laptop and above each other on a phone", () => {
  expect(layoutOf(2, laptop, options).columns).toBe(2);
  expect(layoutOf(2, phone, { ...options, tallest: 3 / 4 }).columns).toBe(1);
});

test("nine people make a square of three on a laptop", () => {
  expect(layoutOf(9, laptop, options)).toMatchObject({ columns: 3, rows: 3 });
});

test.each(Array.from({ length: 16 }, (_, index) => index + 1))(
  "%i tiles stay inside the box and inside their shape",
  (count) => {
    for (const box of [laptop, phone, { width: 3840, height: 2000 }, { width: 320, height: 400 }]) {
      const { columns, rows, tile } = layoutOf(count, box, options);
      expect(columns * rows).toBeGreaterThanOrEqual(count);
      expect(columns * tile.width + (columns - 1) * options.gap).toBeLessThanOrEqual(box.width);
      expect(rows * tile.height + (rows - 1) * options.gap).toBeLessThanOrEqual(box.height);
      expect(tile.width / tile.height).toBeLessThan(options.widest + 0.05);
      expect(tile.width / tile.height).toBeGreaterThan(options.tallest - 0.05);
    }
  },
);

test("a box without room gives tiles without size, not negative ones", () => {
  expect(layoutOf(4, { width: 0, height: 0 }, options).tile).toEqual({ width: 0, height: 0 });
});

test("a box that scrolls fills its width with squares that are not too small", () => {
  expect(scrollingTile(296, { width: 84, height: 72 }, 8)).toEqual({ width: 93, height: 93 });
  expect(scrollingTile(60, { width: 84, height: 72 }, 8)).toEqual({ width: 60, height: 60 });
});
