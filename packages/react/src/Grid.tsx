/**
 * Lays its tiles out in equal size, as large as the box allows, the last row centred. Scrolls when they would get too
 * small. Each tile takes its size from `--tile-width` and `--tile-height`.
 */
import { type ComponentProps, type CSSProperties, type ReactNode, useLayoutEffect, useRef, useState } from "react";
import { type Box, layoutOf, scrollingTile } from "./layout.ts";

export type GridProps<Item> = Omit<ComponentProps<"div">, "children"> & {
  readonly items: readonly Item[];
  readonly children: (item: Item) => ReactNode;
  /** CSS pixels between tiles. Default 12, and 8 in a narrow box. */
  readonly gap?: number;
};

/** CSS pixels: smaller than this and faces cannot be told apart. */
const smallest: Box = { width: 84, height: 72 };
const narrow = 480;

export function Grid<Item>({ items, children, gap: wished, style, ...rest }: GridProps<Item>) {
  const element = useRef<HTMLDivElement>(null);
  const [box, setBox] = useState<Box>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const grid = element.current;
    if (!grid) return;
    const measure = () => setBox({ width: grid.clientWidth, height: grid.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(grid);
    return () => observer.disconnect();
  }, []);
  const gap = wished ?? (box.width < narrow ? 8 : 12);
  const tallest = box.height > box.width ? 3 / 4 : 4 / 3;
  const { tile: fitting } = layoutOf(items.length, box, { gap, widest: 16 / 9, tallest });
  const fits = fitting.width >= smallest.width && fitting.height >= smallest.height;
  const tile = fits ? fitting : scrollingTile(box.width, smallest, gap);
  const size = { "--tile-width": `${tile.width}px`, "--tile-height": `${tile.height}px` } as CSSProperties;
  return (
    <div
      ref={element}
      style={{
        display: "flex",
        flexWrap: "wrap",
        gap,
        alignContent: "safe center",
        justifyContent: "center",
        overflow: "hidden auto",
        ...size,
        ...style,
      }}
      {...rest}
    >
      {box.width > 0 && items.map(children)}
    </div>
  );
}
