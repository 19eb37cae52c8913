/**
 * What one wants the room to say of oneself, and the one command under way that brings its record closer to that.
 *
 * A lasting refusal is not asked for again in a loop: it holds until the wish or what is known of the room is another one,
 * and not at all if that is so already when the refusal comes.
 */
import type { Command, Participant } from "@satsuma/protocol";
import { type Announced, nextCommand, sameTracks } from "./announcement.ts";

/** Milliseconds before a command refused for the moment is tried again. */
const commandRetry = 1000;

export class Wishes {
  #tracks: readonly Announced[] | undefined;
  #name: string | undefined;
  /** Names of those that the room's record of me had when it was last seen. */
  #recorded: readonly string[] = [];
  /** The command under way. */
  #pending: { readonly id: number; readonly command: Command } | undefined;
  /** Names of tracks that were told on a socket that was lost before the answer: the room may have had them, and taken them back. */
  #doubtful: readonly string[] = [];
  /** Something is another than when that was sent. */
  #moved = false;
  /** While set, no command is sent: until the moment given, or until something moves. */
  #hold: number | undefined;

  /** False if that was the wish already. */
  announce(tracks: readonly Announced[]): boolean {
    if (this.#tracks && sameTracks(this.#tracks, tracks)) return false;
    this.#tracks = tracks;
    this.moved();
    return true;
  }

  rename(name: string): void {
    this.#name = name;
    this.moved();
  }

  /** The room, or one's rights in it, are others. */
  moved(): void {
    this.#hold = undefined;
    this.#moved = true;
  }

  /**
   * Those of my tracks that the room has taken back although I want them: what it told of a moment ago, and does not any more.
   * They have ended at the media server, and are no wish any longer: what is sent in their place has another name.
   * `ended` are those that a delta takes back; a snapshot, which tells nothing of what was in between, has none.
   */
  taken(own: Participant | undefined, ended: readonly string[] | undefined): string[] {
    if (own === undefined) return [];
    const recorded = own.tracks.map(({ name }) => name);
    const known = new Set([...this.#recorded, ...(ended ?? this.#doubtful)]);
    if (ended === undefined) this.#doubtful = [];
    const gone = [...known].filter((name) => !recorded.includes(name));
    this.#recorded = recorded;
    const taken = gone.filter((name) => this.#tracks?.some((track) => track.name === name && !track.stands));
    if (taken.length > 0) this.#tracks = this.#tracks?.filter(({ name }) => !taken.includes(name));
    return taken;
  }

  /** The command to send now under `id`, if any; it counts as under way from here on. `name` is what the room calls one. */
  next(id: number, own: Participant | undefined, name: string | undefined, now: number): Command | undefined {
    if (this.#pending !== undefined || (this.#hold !== undefined && now < this.#hold)) return undefined;
    this.#hold = undefined;
    // A listener is not among the participants: there is nothing that could be announced of one.
    const command: Command | undefined =
      this.#name !== undefined && this.#name !== name
        ? { do: "rename", name: this.#name }
        : own && this.#tracks && nextCommand(this.#tracks, own.tracks);
    if (command === undefined) return undefined;
    this.#pending = { id, command };
    this.#moved = false;
    return command;
  }

  /** False if it was no command of these. */
  answered(id: number | undefined): boolean {
    if (id === undefined || id !== this.#pending?.id) return false;
    this.#pending = undefined;
    return true;
  }

  /** The same of a refusal; `retry` if it is for the moment only. */
  refused(id: number | undefined, retry: boolean, now: number): boolean {
    if (!this.answered(id)) return false;
    if (retry) this.#hold = now + commandRetry;
    else if (!this.#moved) this.#hold = Number.POSITIVE_INFINITY;
    return true;
  }

  /** Another socket: what was under way is not answered any more. In a new stay what was announced is of sessions that it does not know. */
  welcomed(newStay: boolean): void {
    const lost = this.#pending?.command;
    this.#pending = undefined;
    this.#doubtful = lost?.do === "publish" ? lost.tracks.map(({ name }) => name) : [];
    if (newStay) {
      this.#tracks = undefined;
      this.#recorded = [];
      this.#doubtful = [];
    }
    this.moved();
  }

  nextDeadline(): number | undefined {
    return this.#hold === Number.POSITIVE_INFINITY ? undefined : this.#hold;
  }
}
