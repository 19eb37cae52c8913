/**
 * The one way to be told things: a current immutable value, and a call when it was replaced.
 *
 * Listeners get no arguments; they read `snapshot()`. Parts that did not change keep their identity.
 */
export interface Readable<T> {
  snapshot(): T;
  /** Calls back after every change until the returned function is called. */
  subscribe(listener: () => void): () => void;
}

export class Store<T> implements Readable<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  // Bound, so that they can be handed over as they are.
  readonly snapshot = (): T => this.#value;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }
}
