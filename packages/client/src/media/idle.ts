/**
 * Which layers of what one sends nobody watches, so that they need not be encoded. Pure: the media server's words and the
 * time go in.
 *
 * A layer rests only after it was unwatched for a while, since people scroll back and forth, and each beginning costs a
 * keyframe; it is sent again the moment that it is wanted.
 */

/** Words about tracks whose push is not answered yet; of more, the oldest are forgotten. */
const mostEarly = 16;

/** Milliseconds for which a layer must be unwatched before it rests. */
export const restAfter = 5_000;

interface Watched {
  /** Of the layers told of at any time, since when each is unwatched; undefined while it is watched. */
  readonly since: Map<string, number | undefined>;
}

export class IdleLayers {
  readonly #byName = new Map<string, Watched>();
  /** The name under which a track is sent, by its id in this page. */
  readonly #names = new Map<string, string>();
  /** By name, what was told before the answer to the push: it comes another way, and may come first. */
  readonly #early = new Map<string, { readonly watched: readonly string[]; readonly at: number }>();

  /** A track is sent under this name from now on; of its layers `rids` nothing is known yet. */
  sent(id: string, name: string, rids: readonly string[]): void {
    const before = this.#names.get(id);
    if (before !== undefined && before !== name) this.#byName.delete(before);
    this.#names.set(id, name);
    if (!this.#byName.has(name)) this.#byName.set(name, { since: new Map(rids.map((rid) => [rid, undefined])) });
    const early = this.#early.get(name);
    this.#early.delete(name);
    if (early !== undefined) this.told(name, early.watched, early.at);
  }

  /** The media server tells the layers of a track that are watched. */
  told(name: string, watched: readonly string[], now: number): void {
    const known = this.#byName.get(name);
    if (known === undefined) {
      this.#early.delete(name);
      this.#early.set(name, { watched, at: now });
      for (const oldest of this.#early.keys()) if (this.#early.size > mostEarly) this.#early.delete(oldest);
      return;
    }
    for (const [rid, since] of known.since) {
      if (watched.includes(rid)) known.since.set(rid, undefined);
      else if (since === undefined) known.since.set(rid, now);
    }
  }

  /** Another connection: nothing of the old one holds. */
  forget(): void {
    this.#byName.clear();
    this.#names.clear();
    this.#early.clear();
  }

  /** The layers of a track that rest. */
  of(id: string, now: number): ReadonlySet<string> {
    const name = this.#names.get(id);
    const known = name === undefined ? undefined : this.#byName.get(name);
    const resting = [...(known?.since ?? [])].filter(([, since]) => since !== undefined && now >= since + restAfter);
    return new Set(resting.map(([rid]) => rid));
  }

  /** When the next layer comes to rest, if none is wanted until then. */
  nextDeadline(now: number): number | undefined {
    let next: number | undefined;
    for (const { since } of this.#byName.values()) {
      for (const from of since.values()) {
        if (from === undefined || from + restAfter <= now) continue;
        next = Math.min(next ?? Number.POSITIVE_INFINITY, from + restAfter);
      }
    }
    return next;
  }
}
