/**
 * What of the others this page needs: which pictures, how large, and whose sound. Pure: views and the time go in, the
 * wanted tracks come out.
 *
 * A picture is wanted while some view shows it, at the layer that its largest view needs. It lingers for a while after
 * the last view went, since people scroll back, and changes wait for each other, so that a page of 49 tiles is one
 * request and not 49.
 */
import type { TrackKind } from "@satsuma/protocol";
import { leastRid, ridFor } from "../media/encodings.ts";

/** A view of one picture: its size in device pixels, or hidden. */
export interface View {
  readonly key: string;
  /** Device pixels; 0 while it is out of sight. */
  readonly height: number;
}

export interface Candidate {
  readonly key: string;
  readonly kind: TrackKind;
  /** The participant's, to hear whoever speaks. */
  readonly participant: string;
  readonly muted: boolean;
}

export interface Wanted {
  readonly key: string;
  /** The layer to receive; undefined leaves it to the media server, as with sound. */
  readonly rid: string | undefined;
}

export interface NeedsOptions {
  /** Milliseconds between two changes. Default 150: a scroll or a page turn is over, and nobody has noticed. */
  readonly settle?: number;
  /** Milliseconds that a picture lingers after its last view went. Default 4000. */
  readonly linger?: number;
  /** Most voices to receive at once. Default 50: more cannot be told apart, and each costs an m-line. */
  readonly voices?: number;
  /** Pictures that nobody views are wanted as well, for pages that show them on their own. Default true. */
  readonly unseen?: boolean;
}

export class Needs {
  readonly #options: Required<NeedsOptions>;
  readonly #views = new Map<number, View>();
  /** When the last view of a picture went. */
  readonly #left = new Map<string, number>();
  readonly #spokeAt = new Map<string, number>();
  #candidates: readonly Candidate[] = [];
  #hidden = false;
  #settleAt: number | undefined;
  #settledAt = Number.NEGATIVE_INFINITY;
  /** No view has come yet: a page that joins draws its tiles while the first pictures are on their way already. */
  #blank = true;
  #wanted: readonly Wanted[] = [];

  constructor(options: NeedsOptions = {}) {
    const { settle = 150, linger = 4_000, voices = 50, unseen = true } = options;
    this.#options = { settle, linger, voices, unseen };
  }

  /** As of the last `settle`. Keeps its identity while nothing changed. */
  get wanted(): readonly Wanted[] {
    return this.#wanted;
  }

  /** What others publish. A change is followed at once: it is rarer than scrolling, and people wait for it. */
  offered(candidates: readonly Candidate[], now: number): void {
    this.#candidates = candidates;
    this.#settle(now);
  }

  /** A view came, changed its size, or went. */
  view(id: number, view: View | undefined, now: number): void {
    const before = this.#views.get(id);
    if (view === undefined) this.#views.delete(id);
    else this.#views.set(id, view);
    this.#blank = false;
    if (before !== undefined && (view === undefined || view.key !== before.key || view.height === 0)) {
      if (before.height > 0) this.#left.set(before.key, now);
    }
    this.#stir(now);
  }

  /** The page went to the background, or came back. */
  hide(hidden: boolean, now: number): void {
    if (hidden === this.#hidden) return;
    this.#hidden = hidden;
    if (hidden) for (const { key, height } of this.#views.values()) if (height > 0) this.#left.set(key, now);
    this.#stir(now);
  }

  speaking(participants: Iterable<string>, now: number): void {
    for (const participant of participants) this.#spokeAt.set(participant, now);
    if (this.#voices().length > this.#options.voices) this.#stir(now);
  }

  wake(now: number): void {
    const due = this.nextDeadline();
    if (due !== undefined && now >= due) this.#settle(now);
  }

  nextDeadline(): number | undefined {
    let next = this.#settleAt;
    for (const at of this.#left.values()) {
      const end = at + this.#options.linger;
      if (next === undefined || end < next) next = end;
    }
    return next;
  }

  /** What changes after a rest is followed in the same moment; what follows on its heels waits. */
  #stir(now: number): void {
    this.#settleAt ??= Math.max(now, this.#settledAt + this.#options.settle);
  }

  #settle(now: number): void {
    this.#settleAt = undefined;
    this.#settledAt = now;
    for (const [key, at] of this.#left) if (now - at >= this.#options.linger) this.#left.delete(key);
    const heights = this.#heights();
    let eager = this.#blank ? eagerPictures : 0;
    const wanted: Wanted[] = this.#heard().map(({ key }) => ({ key, rid: undefined }));
    for (const { key, kind, muted } of this.#candidates) {
      if (kind !== "video" || muted) continue;
      const height = heights.get(key);
      if (height !== undefined) wanted.push({ key, rid: ridFor(height) });
      else if (this.#left.has(key)) wanted.push({ key, rid: leastRid });
      else if (this.#options.unseen || eager > 0) wanted.push({ key, rid: undefined });
      eager -= 1;
    }
    if (!sameWanted(wanted, this.#wanted)) this.#wanted = wanted;
  }

  /** By picture, of its largest view in sight. */
  #heights(): Map<string, number> {
    const heights = new Map<string, number>();
    if (this.#hidden) return heights;
    for (const { key, height } of this.#views.values()) {
      if (height > 0) heights.set(key, Math.max(height, heights.get(key) ?? 0));
    }
    return heights;
  }

  #voices(): Candidate[] {
    return this.#candidates.filter(({ kind }) => kind === "audio");
  }

  /** Everybody's sound; of too many, those who spoke last, and then those who may speak. */
  #heard(): readonly Candidate[] {
    const voices = this.#voices();
    if (voices.length <= this.#options.voices) return voices;
    const rank = ({ participant, muted }: Candidate) => (this.#spokeAt.get(participant) ?? 0) + (muted ? 0 : 1);
    const loudest = new Set([...voices].sort((a, b) => rank(b) - rank(a)).slice(0, this.#options.voices));
    return voices.filter((voice) => loudest.has(voice));
  }
}

/** Pictures that are received before the page has drawn anything: what a first screen shows at the most. */
const eagerPictures = 9;

function sameWanted(a: readonly Wanted[], b: readonly Wanted[]): boolean {
  return a.length === b.length && a.every(({ key, rid }, index) => key === b[index]?.key && rid === b[index]?.rid);
}
