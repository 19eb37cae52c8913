/** An answer that is asked for before anybody needs it. Pure but for the promise: time is an argument. */

interface Asked<T> {
  readonly key: string;
  readonly until: number;
  readonly answer: Promise<T>;
}

export class Ahead<T> {
  readonly #freshFor: number;
  #asked: Asked<T> | undefined;

  /** `freshFor` in milliseconds: an answer older than that is of no use any more. */
  constructor(freshFor: number) {
    this.#freshFor = freshFor;
  }

  /** Asks, unless a fresh answer for the same key is there or on its way. */
  prepare(key: string, now: number, ask: () => Promise<T>): void {
    if (this.#asked?.key === key && now < this.#asked.until) return;
    const answer = ask();
    // Whoever needs it asks again, and hears then what is wrong.
    answer.catch(() => {
      if (this.#asked?.answer === answer) this.#asked = undefined;
    });
    this.#asked = { key, until: now + this.#freshFor, answer };
  }

  /** The answer, once; asked for now if nobody has, or if it could not be had. */
  async take(key: string, now: number, ask: () => Promise<T>): Promise<T> {
    const asked = this.#asked;
    this.#asked = undefined;
    if (asked?.key !== key || now >= asked.until) return ask();
    return asked.answer.catch(ask);
  }
}
