/**
 * Whether a track that is on gives anything. Pure: what it gives goes in, what is wrong comes out, five seconds late.
 *
 * A microphone in a quiet room still has noise: a level of exactly 0 is a switch on its cable, or a driver that hangs. A
 * track is muted by the system when a laptop's lid or a key of its keyboard does it, or when a phone call takes the device.
 */
export type DeviceTrouble =
  /** The microphone gives digital silence. */
  | "silent"
  /** The system or the device itself holds sound or picture back. */
  | "muted-by-system"
  /** The camera gives pictures without any light. */
  | "black"
  /** The camera gives no new pictures, although the browser takes it for well: a driver that hangs. */
  | "frozen";

export interface Given {
  /** Whether the browser says that the source gives nothing. */
  readonly muted: boolean;
  /** Root mean square of sound, or the brightest spot of a picture, from 0 to 1; undefined when it could not be looked at. */
  readonly level: number | undefined;
  /** Of a camera: whether a new picture came since the look before; undefined when it could not be looked at. */
  readonly moved?: boolean | undefined;
}

/** Milliseconds; shorter gaps are those of a device that starts or changes. */
const patience = 5000;

/** Of a picture. Codecs and cameras do not give exactly 0 behind a shutter; a dark room is brighter than this in places. */
const blackest = 0.06;

export class TrackHealth {
  readonly #kind: "microphone" | "camera";
  #wrong: DeviceTrouble | undefined;
  #since = 0;
  #trouble: DeviceTrouble | undefined;

  constructor(kind: "microphone" | "camera") {
    this.#kind = kind;
  }

  handle(given: Given, now: number): DeviceTrouble | undefined {
    const wrong = this.#judge(given);
    if (wrong !== this.#wrong) this.#since = now;
    this.#wrong = wrong;
    if (wrong === undefined) this.#trouble = undefined;
    else if (now - this.#since > patience) this.#trouble = wrong;
    return this.#trouble;
  }

  #judge({ muted, level, moved }: Given): DeviceTrouble | undefined {
    if (muted) return "muted-by-system";
    // What could not be looked at is no news, neither good nor bad.
    if (level === undefined) return this.#wrong === "muted-by-system" ? undefined : this.#wrong;
    if (this.#kind === "microphone") return level === 0 ? "silent" : undefined;
    if (moved === false) return "frozen";
    return level < blackest ? "black" : undefined;
  }
}
