/**
 * What this client sends: one publication per device or screen, and what the room may be told of it.
 *
 * A track is announced only once its bytes flow, so that whoever pulls it finds it. While a lost connection is rebuilt
 * the old announcement stands, and the new one replaces it when it flows.
 */
import type { Track, TrackKind, TrackSource } from "@satsuma/protocol";
import type { LocalTrack } from "./words.ts";

interface Publication {
  readonly id: string;
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
  readonly id: string;
  readonly kind: TrackKind;
  readonly name: string;
}

export class Publications {
  readonly #byId = new Map<string, Publication>();
  readonly #newName: () => string;

  constructor(newName: () => string) {
    this.#newName = newName;
  }

  /** Takes over what there is to send; gives what follows from it when `live`. */
  want(tracks: readonly LocalTrack[], live: boolean): { readonly push: Push[]; readonly withdraw: string[] } {
    const withdraw: string[] = [];
    for (const [id, known] of this.#byId) {
      if (tracks.some((track) => track.id === id)) continue;
      this.#byId.delete(id);
      if (known.state !== "waiting") withdraw.push(id);
    }
    for (const track of tracks) {
      const known = this.#byId.get(track.id);
      this.#byId.set(track.id, {
        id: track.id,
        source: track.source,
        kind: track.kind,
        name: known?.name ?? this.#newName(),
        state: known?.state ?? "waiting",
        session: known?.session,
        muted: track.muted,
        announced: known?.announced && { ...known.announced, muted: track.muted },
      });
    }
    return live ? { push: this.#pushes(), withdraw } : { push: [], withdraw: [] };
  }

  pushed(id: string, session: string): void {
    this.#edit(id, (known) => ({ ...known, state: "pushed", session }));
  }

  failed(id: string): void {
    this.#edit(id, (known) => ({ ...known, state: "failed" }));
  }

  flowing(id: string): void {
    this.#edit(id, (known) => {
      if (known.state !== "pushed" || known.session === undefined) return known;
      const { name, kind, source, muted, session } = known;
      return { ...known, state: "flowing", announced: { name, kind, source, session, muted } };
    });
  }

  /** A new connection: everything is to be pushed again, under new names. */
  restart(): Push[] {
    for (const [id, known] of this.#byId) {
      this.#byId.set(id, { ...known, name: this.#newName(), state: "waiting", session: undefined });
    }
    return this.#pushes();
  }

  /** What was announced holds no more, and nothing stands in for it. */
  forget(): void {
    for (const [id, known] of this.#byId) this.#byId.set(id, { ...known, announced: undefined });
  }

  /** Gives what failed another chance, under a new name, since the outcome of the first push may be unknown. */
  retry(): Push[] {
    for (const [id, known] of this.#byId) {
      if (known.state === "failed") this.#byId.set(id, { ...known, name: this.#newName(), state: "waiting" });
    }
    return this.#pushes();
  }

  announcement(): Track[] {
    return [...this.#byId.values()].flatMap((known) => known.announced ?? []);
  }

  /** A muted camera sends nothing, so it is pushed when it is first switched on; a muted microphone sends silence. */
  #pushes(): Push[] {
    const due = [...this.#byId.values()].filter(
      (known) => known.state === "waiting" && !(known.kind === "video" && known.muted),
    );
    for (const known of due) this.#byId.set(known.id, { ...known, state: "pushing" });
    return due.map(({ id, kind, name }) => ({ id, kind, name }));
  }

  #edit(id: string, change: (known: Publication) => Publication): void {
    const known = this.#byId.get(id);
    if (known) this.#byId.set(id, change(known));
  }
}
