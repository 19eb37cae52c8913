/**
 * Who speaks, and whose sound goes to sessions that want only the loudest few. Looked at ten times a second, whatever the
 * number of packets.
 */
import { Loudest } from "./loudest.ts";
import type { Publication } from "./publication.ts";
import type { Subscription } from "./subscription.ts";

/** ms. */
const interval = 100;

/** Hears when somebody begins to speak into a published track, and when they stop. */
export type OnSpeaking = (publication: Publication, speaking: boolean) => void;

/** The sound that one session receives. */
interface Listener {
  readonly most: number;
  readonly loudest: Loudest<Subscription>;
}

export class Sound {
  readonly #onSpeaking: OnSpeaking;
  readonly #microphones = new Map<Publication, boolean>();
  readonly #listeners = new Map<ReadonlySet<Subscription>, Listener>();
  #at: number | undefined;

  constructor(onSpeaking: OnSpeaking) {
    this.#onSpeaking = onSpeaking;
  }

  published(publication: Publication, now: number): void {
    if (publication.kind !== "audio") return;
    if (this.#microphones.size === 0) this.#at = now + interval;
    this.#microphones.set(publication, false);
  }

  unpublished(publication: Publication): void {
    if (this.#microphones.get(publication)) this.#onSpeaking(publication, false);
    this.#microphones.delete(publication);
  }

  /** Of what a session receives only the `most` loudest go out from now on; undefined: all. */
  limit(subscriptions: ReadonlySet<Subscription>, most: number | undefined): void {
    if (most === undefined) this.#listeners.delete(subscriptions);
    else this.#listeners.set(subscriptions, { most, loudest: new Loudest(most) });
  }

  nextDeadline(): number | undefined {
    return this.#microphones.size === 0 ? undefined : this.#at;
  }

  elapse(now: number): void {
    if (this.#at === undefined || now < this.#at) return;
    this.#at = now + interval;
    for (const [publication, before] of this.#microphones) {
      const speaking = publication.loudness.speaks(now);
      if (speaking === before) continue;
      this.#microphones.set(publication, speaking);
      this.#onSpeaking(publication, speaking);
    }
    for (const [subscriptions, listener] of this.#listeners) choose(subscriptions, listener, now);
  }
}

function choose(subscriptions: ReadonlySet<Subscription>, { most, loudest }: Listener, now: number): void {
  const candidates = new Map<Subscription, number>();
  for (const subscription of subscriptions) {
    const { source } = subscription;
    if (source?.kind === "audio") candidates.set(subscription, source.loudness.at(now));
  }
  const chosen = candidates.size <= most ? undefined : loudest.choose(candidates, now);
  for (const subscription of candidates.keys()) subscription.hold(chosen !== undefined && !chosen.has(subscription));
}
