/**
 * How many of something that is bounded each app has. One may have as many as are still free for the others: whoever is alone
 * has half of all, and whoever comes later finds some, too, however much those before it took.
 */
export class Shares {
  readonly #most: number;
  readonly #taken = new Map<string, number>();
  #all = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** False when the app has its share, which takes nothing. */
  take(app: string): boolean {
    const own = this.#taken.get(app) ?? 0;
    if (own >= this.#most - this.#all) return false;
    this.#taken.set(app, own + 1);
    this.#all += 1;
    return true;
  }

  /** To be called once for each that was taken. */
  give(app: string): void {
    const own = this.#taken.get(app);
    if (own === undefined) throw new Error(`App ${app} gives back what it never had.`);
    if (own > 1) this.#taken.set(app, own - 1);
    else this.#taken.delete(app);
    this.#all -= 1;
  }
}
