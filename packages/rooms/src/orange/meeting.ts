/** The meeting that the room's users are in: it begins with the first, ends when nobody is left, and counts its most. */
import type { OrangeTurn } from "./turn.ts";

/** `fresh` is the id of a meeting that begins now. */
export function countUsers({ data }: OrangeTurn, fresh: string): void {
  data.meeting ??= { id: fresh, peak: 0 };
  data.meeting.peak = Math.max(data.meeting.peak, data.seats.size);
}
