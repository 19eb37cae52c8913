/** Lays its tiles out in equal size, as large as the box allows, the last row centred. Scrolls when they would get too small. */
import { type ComponentProps, type ReactNode, useLayoutEffect, useRef, useState } from "react";
import { type Box, layoutOf } from "./layout.ts";

export type GridProps<Item> = Omit<ComponentProps<"div">, "children"> & {
  readonly items: readonly Item[];
  readonly children: (item: Item) => ReactNode;
  /** CSS pixels between tiles. Default 12. */
  readonly gap?: number;
};

/** CSS pixels below which faces cannot be told apart. */
const smallest = 96;

export function Grid<Item>({ items, children, gap = 12, style, ...rest }: GridProps<Item>) {
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
  const upright = box.height > box.width;
  const { tile } = layoutOf(items.length, box, { gap, widest: 16 / 9, tallest: upright ? 3 / 4 : 4 / 3 });
  const width = Math.max(tile.width, box.width === 0 ? 0 : Math.min(smallest, box.width));
  const height = Math.max(tile.height, width === tile.width ? 0 : width);
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
        ...({ "--tile-width": `${width}px`, "--tile-height": `${height}px` } as object),
        ...style,
      }}
      {...rest}
    >
      {box.width > 0 && items.map(children)}
    </div>
  );
}
