/**
 * A room that is woken late has stood still, and its process with it: what people said meanwhile still waits to be read.
 * So it listens for a while before it takes anybody for gone.
 */

/** Milliseconds by which a timer of a busy process may be late without anything else being. */
const usual = 100;

/** Until when nobody is judged, in milliseconds on the clock of the inputs; undefined while there is no reason to wait. */
export interface Listening {
  until: number | undefined;
}

/**
 * Whether those whose time was over at `due` may be taken for gone. If not, it is to be asked again at `until`, `pause`
 * milliseconds from now; then the answer is yes, however late it is, or a process that is always late would keep everybody.
 */
export function mayJudge(listening: Listening, due: number, now: number, pause: number): boolean {
  const { until } = listening;
  if (until === undefined && now - due > usual) listening.until = now + pause;
  else if (until === undefined || until <= now) listening.until = undefined;
  return listening.until === undefined;
}

/** Whether somebody should have been looked at before now: nobody is to be judged on another occasion either. */
export function isLate({ until }: Listening, due: number, now: number): boolean {
  return until !== undefined || now - due > usual;
}

/** When to look at those whose time is over at `due`. */
export function judgedAt({ until }: Listening, due: number): number {
  return Math.max(due, until ?? due);
}
