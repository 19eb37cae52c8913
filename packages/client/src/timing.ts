/**
 * When the steps of a join ended, as `performance.mark`s of the page.
 *
 * `satsuma:join` is set when the join begins, and clears those of an earlier join; every other mark is set once, when its
 * step is done for the first time. Steps overlap, so compare each mark with `satsuma:join`, not with its neighbour.
 */
export const joinMarks = {
  join: "satsuma:join",
  /** The room token is at hand. */
  token: "satsuma:token",
  /** The room's socket is open and the server's welcome has come. */
  socket: "satsuma:socket",
  /** The SFU session exists. */
  session: "satsuma:session",
  /** The SFU's answer to the first published tracks is applied. */
  push: "satsuma:push",
  /** The SFU has the answer for the first tracks of others. */
  pull: "satsuma:pull",
  /** The media connection is up. */
  connected: "satsuma:connected",
  /** The first picture of somebody else is decoded and handed to the page. */
  firstFrame: "satsuma:first-frame",
} as const;

export type JoinStep = keyof typeof joinMarks;

/** The marks of one join. */
export class JoinTiming {
  readonly #done = new Set<JoinStep>();

  constructor() {
    for (const name of Object.values(joinMarks)) performance.clearMarks(name);
    this.reach("join");
  }

  reach(step: JoinStep): void {
    if (this.#done.has(step)) return;
    this.#done.add(step);
    performance.mark(joinMarks[step]);
  }

  reached(step: JoinStep): boolean {
    return this.#done.has(step);
  }
}
