/**
 * Screens, windows and tabs that this page shares, several at once, each with its sound where the system gives it.
 *
 * The person chooses in the browser's own dialogue, and may end a share there too: then it is gone from here by itself.
 */
import { type Readable, Store } from "../store.ts";
import { type DeviceErrorCode, deviceErrorCode } from "./errors.ts";

export interface Screen {
  /** Names it in this page: `screen-1`. */
  readonly id: string;
  readonly video: MediaStreamTrack;
  readonly audio: MediaStreamTrack | undefined;
}

export interface ShareOptions {
  /** Asks for the sound of the tab or system too. Default true; not every system gives it. */
  readonly audio?: boolean;
  /**
   * What matters more: sharp letters, or smooth motion. Default "detail".
   */
  readonly favour?: "detail" | "motion";
}

export type Shared =
  | { readonly ok: true; readonly screen: Screen }
  | { readonly ok: false; readonly error: DeviceErrorCode | "limit" | "closed" };

/** More than these are not shared at once: each is a stream of its own, and nobody looks at five screens of one person. */
const most = 4;

export class Screens implements Readable<readonly Screen[]> {
  readonly #store = new Store<readonly Screen[]>([]);
  #last = 0;
  #closed = false;

  readonly snapshot = (): readonly Screen[] => this.#store.snapshot();
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  /** Asks the person what to share; needs a gesture of theirs. */
  async share({ audio = true, favour = "detail" }: ShareOptions = {}): Promise<Shared> {
    if (this.snapshot().length >= most) return { ok: false, error: "limit" };
    if (!canShare()) return { ok: false, error: "not-found" };
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 30 } }, audio });
    } catch (thrown) {
      // Closing the dialogue and being forbidden have one name; either way the person knows.
      return { ok: false, error: deviceErrorCode(thrown) };
    }
    // Whoever left while the dialogue was open does not share.
    if (this.#closed) {
      for (const track of stream.getTracks()) track.stop();
      return { ok: false, error: "closed" };
    }
    const [video] = stream.getVideoTracks();
    const [sound] = stream.getAudioTracks();
    if (video === undefined) return { ok: false, error: "unknown" };
    video.contentHint = favour;
    this.#last += 1;
    const screen = { id: `screen-${this.#last}`, video, audio: sound };
    video.onended = () => this.stop(screen.id);
    if (sound) sound.onended = () => this.silence(screen.id);
    this.#store.set([...this.snapshot(), screen]);
    return { ok: true, screen };
  }

  /** Ends one share, or all. */
  stop(id?: string): void {
    const ending = this.snapshot().filter((screen) => id === undefined || screen.id === id);
    if (ending.length === 0) return;
    for (const { video, audio } of ending) {
      for (const track of [video, audio]) {
        if (!track) continue;
        track.onended = null;
        track.stop();
      }
    }
    this.#store.set(this.snapshot().filter((screen) => !ending.includes(screen)));
  }

  /** Ends the sound of one share, or of all; the picture goes on. */
  silence(id?: string): void {
    const silenced = this.snapshot().map((screen) => {
      if (screen.audio === undefined || (id !== undefined && screen.id !== id)) return screen;
      screen.audio.onended = null;
      screen.audio.stop();
      return { ...screen, audio: undefined };
    });
    this.#store.set(silenced);
  }

  /** Ends all, and whatever the person chooses later is not shared any more. */
  close(): void {
    this.#closed = true;
    this.stop();
  }
}

/** Phones have no such dialogue. */
export function canShare(): boolean {
  return typeof navigator !== "undefined" && "getDisplayMedia" in (navigator.mediaDevices ?? {});
}
