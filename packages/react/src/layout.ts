/** How large tiles can be so that all of them fit. Pure: a number of tiles and a box in, one size for all out. */
export interface Box {
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly columns: number;
  readonly rows: number;
  readonly tile: Box;
}

export interface LayoutOptions {
  /** CSS pixels between tiles. */
  readonly gap: number;
  /** Width by height: the flattest and the tallest that a tile may be. A picture is cut to fit, so not too far apart. */
  readonly widest: number;
  readonly tallest: number;
}

/** Tries every number of columns and takes the one whose tiles show the most. */
export function layoutOf(count: number, box: Box, options: LayoutOptions): Layout {
  let best: Layout = { columns: 1, rows: Math.max(1, count), tile: { width: 0, height: 0 } };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const tile = inside(
      {
        width: (box.width - options.gap * (columns - 1)) / columns,
        height: (box.height - options.gap * (rows - 1)) / rows,
      },
      options,
    );
    if (area(tile) > area(best.tile)) best = { columns, rows, tile };
  }
  return best;
}

/** The tile for a box that scrolls: as many columns as there is room for, each tile a square. */
export function scrollingTile(width: number, smallest: Box, gap: number): Box {
  const columns = Math.max(1, Math.floor((width + gap) / (smallest.width + gap)));
  const side = Math.max(0, Math.floor((width - gap * (columns - 1)) / columns));
  return { width: side, height: side };
}

function inside(cell: Box, { widest, tallest }: LayoutOptions): Box {
  if (cell.width <= 0 || cell.height <= 0) return { width: 0, height: 0 };
  const width = Math.floor(Math.min(cell.width, cell.height * widest));
  return { width, height: Math.floor(Math.min(cell.height, width / tallest)) };
}

function area({ width, height }: Box): number {
  return width * height;
}
