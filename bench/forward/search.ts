/**
 * The search for the highest rate that a contender keeps up with, and what its cells say.
 *
 * Pure: cells in, the next rate out.
 */
import type { Cell } from "./station.ts";

/** Of one core. Beyond it the generator's own waiting would show, so such a cell is thrown away. */
const busiest = 0.7;
/** Share of packets that may be lost before a rate counts as too much. */
const tolerable = 0.005;
/** Share of its core from which on a contender counts as one without time left. */
const busyShare = 0.8;
/** Packets a second from one publisher, where encrypting them would begin to cost the generator. */
const mostRate = 20_000;
/** Packets a second out of a contender, which all of them can do. */
const firstOut = 5_000;

/** Packets a second for the publisher of the next cell. */
export function nextRate(cells: readonly Cell[], receivers: number): number {
  const last = cells.at(-1);
  if (last === undefined) return Math.max(10, Math.round(firstOut / receivers));
  const most = Math.max(0, ...cells.filter(kept).map(({ packetsPerSecond }) => packetsPerSecond));
  const least = Math.min(...cells.filter(isTooMuch).map(({ packetsPerSecond }) => packetsPerSecond));
  // Something else was in its way: once more, and then with less.
  if (!kept(last) && !isTooMuch(last)) {
    const again = cells.at(-2)?.packetsPerSecond === last.packetsPerSecond;
    return Math.max(10, Math.round(last.packetsPerSecond * (again ? 0.75 : 1)));
  }
  return Math.round(Math.min(mostRate, Math.max(10, between(most, least, last))));
}

function between(most: number, least: number, last: Cell): number {
  if (most === 0) return least * 0.75;
  if (least !== Number.POSITIVE_INFINITY) return (most + least) / 2;
  // A busy media server takes more at a time, so one that has time left can do more than it seems.
  const room = last.elapsedMs / Math.max(1, last.contenderCpuMs);
  return last.packetsPerSecond * Math.max(1.15, room);
}

/** The cell with the highest rate that was kept up with. */
export function mostOf(cells: readonly Cell[]): Cell | undefined {
  return valid(cells).sort((a, b) => b.forwardedPerSecond - a.forwardedPerSecond)[0];
}

/** The cell with the most packets per CPU-second of those that were kept up with. */
export function bestOf(cells: readonly Cell[]): Cell | undefined {
  return valid(cells).sort((a, b) => b.packetsPerCpuSecond - a.packetsPerCpuSecond)[0];
}

/** Packets a second that all of them kept up with; undefined when one of them kept up with none. */
export function commonRate(all: readonly (readonly Cell[])[]): number | undefined {
  const rates = all.map((cells) => mostOf(cells)?.packetsPerSecond ?? Number.NaN);
  const least = Math.min(...rates);
  return Number.isFinite(least) ? least : undefined;
}

/** Packets per CPU-second over all cells that were kept up with, as one; undefined without any. */
export function overall(cells: readonly Cell[]): number | undefined {
  const counted = valid(cells);
  const cpuMs = counted.reduce((sum, { contenderCpuMs }) => sum + contenderCpuMs, 0);
  if (cpuMs === 0) return undefined;
  return (counted.reduce((sum, { forwarded }) => sum + forwarded, 0) * 1_000) / cpuMs;
}

function valid(cells: readonly Cell[]): Cell[] {
  return cells.filter((cell) => kept(cell) && cell.generatorBusy < busiest);
}

/** Lost packets for want of time: of a contender that had time left, they say nothing about its highest rate. */
function isTooMuch(cell: Cell): boolean {
  return !kept(cell) && cell.contenderCpuMs > cell.elapsedMs * busyShare;
}

function kept({ loss }: Cell): boolean {
  return loss < tolerable;
}
