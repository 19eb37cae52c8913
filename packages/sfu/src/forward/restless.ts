/**
 * Publications that want to be woken, and when the first of them does, which is asked for after every packet of the server:
 * by then all of them, of which a peer may have as many as it may have m-lines, are not looked through.
 */
import type { Publication } from "./publication.ts";

export class Restless extends Set<Publication> {
  /** Not later than the first of them wants to be woken, but for those that something has happened to since. */
  #at = Number.POSITIVE_INFINITY;
  readonly #touched = new Set<Publication>();

  /** To be called again whenever one may want to be woken earlier. */
  override add(publication: Publication): this {
    this.#touched.add(publication);
    return super.add(publication);
  }

  override delete(publication: Publication): boolean {
    this.#touched.delete(publication);
    return super.delete(publication);
  }

  /** Those that are to be woken now. */
  due(now: number): Publication[] {
    if (now < (this.nextDeadline() ?? Number.POSITIVE_INFINITY)) return [];
    this.#at = Number.POSITIVE_INFINITY;
    const due: Publication[] = [];
    for (const publication of this) {
      const deadline = publication.nextDeadline();
      // One that has no deadline any more finds out by itself.
      if (deadline === undefined || deadline <= now) due.push(publication);
      else this.#at = Math.min(this.#at, deadline);
    }
    return due;
  }

  nextDeadline(): number | undefined {
    for (const publication of this.#touched) this.#at = Math.min(this.#at, publication.nextDeadline() ?? this.#at);
    this.#touched.clear();
    if (this.size === 0) this.#at = Number.POSITIVE_INFINITY;
    return this.#at === Number.POSITIVE_INFINITY ? undefined : this.#at;
  }
}
