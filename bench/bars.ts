export interface Bar {
  readonly label: string;
  readonly value: number;
}

export interface Group {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const width = 760;
const labelWidth = 210;
const rowHeight = 22;
const colors = { ours: "#f97316", other: "#94a3b8", text: "#64748b" };

/** Bars per group, each group on its own scale; ours in the accent colour. */
export function chartOf(groups: readonly Group[]): string {
  const parts: string[] = [];
  let y = 8;
  for (const { title, bars } of groups) {
    y += 20;
    parts.push(`<text x="0" y="${y}" font-weight="600">${title}</text>`);
    const most = Math.max(...bars.map(({ value }) => value));
    for (const { label, value } of bars) {
      y += rowHeight;
      const long = Math.max(1, (value / most) * (width - labelWidth - 100));
      const color = label.startsWith("Satsuma") ? colors.ours : colors.other;
      parts.push(`<text x="0" y="${y}">${label}</text>`);
      parts.push(
        `<rect x="${labelWidth}" y="${y - 12}" width="${long.toFixed(1)}" height="15" rx="2" fill="${color}"/>`,
      );
      parts.push(
        `<text x="${(labelWidth + long + 6).toFixed(1)}" y="${y}">${Math.round(value).toLocaleString("en")}</text>`,
      );
    }
    y += 14;
  }
  const style = `font-family="system-ui, sans-serif" font-size="13" fill="${colors.text}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" ${style}>\n${parts.join("\n")}\n</svg>\n`;
}
