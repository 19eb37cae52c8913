/**
 * What this client sends: one publication per source, and what the room may be told of it.
 *
 * A track is announced only once its bytes flow, so that whoever pulls it finds it. While a lost connection is rebuilt
 * the old announcement stands, and the new one replaces it when it flows.
 */
import type { Track, TrackKind, TrackSource } from "@satsuma/protocol";
import type { LocalTrack } from "./words.ts";

interface Publication {
  readonly source: TrackSource;
  readonly kind: TrackKind;
  readonly muted: boolean;
  readonly name: string;
  readonly state: "waiting" | "pushing" | "pushed" | "flowing" | "failed";
  /** Set from `pushed` on. */
  readonly session: string | undefined;
  /** What the room was told last. */
  readonly announced: Track | undefined;
}

export interface Push {
  readonly source: TrackSource;
  readonly kind: TrackKind;
  readonly name: string;
}

export class Publications {
  readonly #bySource = new Map<TrackSource, Publication>();
  readonly #newName: () => string;

  constructor(newName: () => string) {
    this.#newName = newName;
  }

  /** Takes over what there is to send; gives the pushes that follow from it when `live`. */
  want(tracks: readonly LocalTrack[], live: boolean): Push[] {
    for (const source of [...this.#bySource.keys()]) {
      if (!tracks.some((track) => track.source === source)) this.#bySource.delete(source);
    }
    for (const track of tracks) {
      const known = this.#bySource.get(track.source);
      this.#bySource.set(track.source, {
        source: track.source,
        kind: track.kind,
        name: known?.name ?? this.#newName(),
        state: known?.state ?? "waiting",
        session: known?.session,
        muted: track.muted,
        announced: known?.announced && { ...known.announced, muted: track.muted },
      });
    }
    return live ? this.#pushes() : [];
  }

  pushed(source: TrackSource, session: string): void {
    this.#edit(source, (known) => ({ ...known, state: "pushed", session }));
  }

  failed(source: TrackSource): void {
    this.#edit(source, (known) => ({ ...known, state: "failed" }));
  }

  flowing(source: TrackSource): void {
    this.#edit(source, (known) => {
      if (known.state !== "pushed" || known.session === undefined) return known;
      const { name, kind, muted, session } = known;
      return { ...known, state: "flowing", announced: { name, kind, source, session, muted } };
    });
  }

  /** A new connection: everything is to be pushed again, under new names. */
  restart(): Push[] {
    for (const [source, known] of this.#bySource) {
      this.#bySource.set(source, { ...known, name: this.#newName(), state: "waiting", session: undefined });
    }
    return this.#pushes();
  }

  /** What was announced holds no more, and nothing stands in for it. */
  forget(): void {
    for (const [source, known] of this.#bySource) this.#bySource.set(source, { ...known, announced: undefined });
  }

  /** Gives what failed another chance, under a new name, since the outcome of the first push may be unknown. */
  retry(): Push[] {
    for (const [source, known] of this.#bySource) {
      if (known.state === "failed") this.#bySource.set(source, { ...known, name: this.#newName(), state: "waiting" });
    }
    return this.#pushes();
  }

  announcement(): Track[] {
    return [...this.#bySource.values()].flatMap((known) => known.announced ?? []);
  }

  /** A muted camera sends nothing, so it is pushed when it is first switched on; a muted microphone sends silence. */
  #pushes(): Push[] {
    const due = [...this.#bySource.values()].filter(
      (known) => known.state === "waiting" && !(known.kind === "video" && known.muted),
    );
    for (const known of due) this.#bySource.set(known.source, { ...known, state: "pushing" });
    return due.map(({ source, kind, name }) => ({ source, kind, name }));
  }

  #edit(source: TrackSource, change: (known: Publication) => Publication): void {
    const known = this.#bySource.get(source);
    if (known) this.#bySource.set(source, change(known));
  }
}
