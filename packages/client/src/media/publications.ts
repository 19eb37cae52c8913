/**
 * What this client sends: one publication per device or screen, and what the room may be told of it.
 *
 * A track is announced only once its bytes flow, so that whoever pulls it finds it. While a lost connection is rebuilt
 * the old announcement stands, and the new one replaces it when it flows.
 */
import type { Track, TrackKind, TrackSource } from "@satsuma/protocol";
import type { Announced } from "../session/announcement.ts";
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
  /** ms; since when nothing is sent of it. */
  readonly quietSince: number | undefined;
  /** How often it was refused. */
  readonly failures: number;
}

/**
 * Milliseconds without a packet after which a track is taken for forgotten by the media server: ours and Cloudflare's end it
 * after 30 s. What was quiet for so long is sent as something new.
 */
const quietPatience = 25_000;

export interface Push {
  readonly id: string;
  readonly kind: TrackKind;
  readonly name: string;
}

export interface PublicationChange {
  readonly push: readonly Push[];
  /** Ids of what is sent no more. */
  readonly withdraw: readonly string[];
}

export class Publications {
  readonly #byId = new Map<string, Publication>();
  readonly #newName: () => string;

  constructor(newName: () => string) {
    this.#newName = newName;
  }

  /** Takes over what there is to send; gives what follows from it when `live`. */
  want(tracks: readonly LocalTrack[], live: boolean, now: number): PublicationChange {
    const withdraw: string[] = [];
    for (const [id, known] of this.#byId) {
      if (tracks.some((track) => track.id === id)) continue;
      this.#byId.delete(id);
      if (known.state !== "waiting") withdraw.push(id);
    }
    for (const track of tracks) {
      const known = this.#byId.get(track.id);
      const forgotten = known !== undefined && !track.silent && isForgotten(known, now);
      if (forgotten) withdraw.push(track.id);
      const name = known === undefined || forgotten ? this.#newName() : known.name;
      this.#byId.set(track.id, {
        id: track.id,
        source: track.source,
        kind: track.kind,
        name,
        state: forgotten ? "waiting" : (known?.state ?? "waiting"),
        session: forgotten ? undefined : known?.session,
        quietSince: track.silent ? (known?.quietSince ?? now) : undefined,
        muted: track.muted,
        failures: known?.failures ?? 0,
        announced: known?.announced && mutedAs(name, known.announced, track.muted),
      });
    }
    return live ? { push: this.#pushes(now), withdraw } : { push: [], withdraw: [] };
  }

  /** What the media server has ended, by name, without our asking. Gives what follows from it when `live`. */
  taken(names: readonly string[], live: boolean, now: number): PublicationChange {
    const withdraw: string[] = [];
    for (const [id, known] of this.#byId) {
      if (known.announced === undefined || !names.includes(known.announced.name)) continue;
      // Something new may be on its way already, as after a lost connection.
      const over = known.announced.name === known.name;
      if (over) withdraw.push(id);
      const anew = over ? { name: this.#newName(), state: "waiting" as const, session: undefined } : {};
      this.#byId.set(id, { ...known, ...anew, announced: undefined });
    }
    return { push: live ? this.#pushes(now) : [], withdraw: live ? withdraw : [] };
  }

  pushed(id: string, name: string, session: string): void {
    this.#edit(id, name, (known) => ({ ...known, state: "pushed", session }));
  }

  failed(id: string, name: string): void {
    this.#edit(id, name, (known) => ({ ...known, state: "failed", failures: known.failures + 1 }));
  }

  flowing(id: string, name: string): void {
    this.#edit(id, name, (known) => {
      if (known.state !== "pushed" || known.session === undefined) return known;
      const { kind, source, muted, session } = known;
      return { ...known, state: "flowing", announced: { name, kind, source, session, muted } };
    });
  }

  /** A new connection: everything is to be pushed again, under new names. */
  restart(now: number): Push[] {
    for (const [id, known] of this.#byId) {
      this.#byId.set(id, { ...known, name: this.#newName(), state: "waiting", session: undefined });
    }
    return this.#pushes(now);
  }

  /** What was announced holds no more, and nothing stands in for it. */
  forget(): void {
    for (const [id, known] of this.#byId) this.#byId.set(id, { ...known, announced: undefined });
  }

  /**
   * Gives what failed another chance, under a new name, since the outcome of the first push may be unknown. One at a time: of
   * what is pushed together all is refused for one that may not be sent. `more` says whether others wait for theirs.
   */
  retry(now: number): { readonly push: Push[]; readonly more: boolean } {
    const failed = [...this.#byId.values()].filter(({ state }) => state === "failed");
    const next = failed.toSorted((a, b) => a.failures - b.failures)[0];
    if (next) this.#byId.set(next.id, { ...next, name: this.#newName(), state: "waiting" });
    return { push: this.#pushes(now), more: failed.length > 1 };
  }

  announcement(): Announced[] {
    return [...this.#byId.values()].flatMap((known): Announced[] => {
      const { announced } = known;
      if (announced === undefined) return [];
      return [isOver(known.name, announced) ? { ...announced, stands: true } : announced];
    });
  }

  /** A muted camera sends nothing, so it is pushed when it is first switched on; a muted microphone sends silence. */
  #pushes(now: number): Push[] {
    const due = [...this.#byId.values()].filter(
      (known) => known.state === "waiting" && !(known.kind === "video" && known.muted),
    );
    for (const known of due) {
      const quietSince = known.quietSince === undefined ? undefined : now;
      this.#byId.set(known.id, { ...known, state: "pushing", quietSince });
    }
    return due.map(({ id, kind, name }) => ({ id, kind, name }));
  }

  #edit(id: string, name: string, change: (known: Publication) => Publication): void {
    const known = this.#byId.get(id);
    if (known?.name === name) this.#byId.set(id, change(known));
  }
}

/** Whether what was announced is no more, and something new is sent in its place. */
function isOver(name: string, announced: Track): boolean {
  return announced.name !== name;
}

function isForgotten({ state, quietSince }: Publication, now: number): boolean {
  const sent = state === "pushed" || state === "flowing";
  return sent && quietSince !== undefined && now - quietSince >= quietPatience;
}

/** A mute holds at once. Of what is over an unmute would be a lie: it is told when the new one flows. */
function mutedAs(name: string, announced: Track, muted: boolean): Track {
  return { ...announced, muted: muted || (announced.muted && isOver(name, announced)) };
}
