/**
 * One socket's way into its room: frames are read in the order they came, also while a token is being verified, which
 * is the only step that takes time.
 */

import { type Result, refusal, refusalOf } from "@satsuma/protocol";
import type { Claims, Heard, SocketId } from "@satsuma/rooms";
import { hear } from "@satsuma/rooms";
import type { RoomActor } from "./actor.ts";

export class Seat {
  readonly #actor: RoomActor;
  readonly #id: SocketId;
  readonly #verify: (token: string) => Promise<Result<Claims>>;
  readonly #frames: string[] = [];
  #verifying = false;

  /** Whether frames wait for a token to be checked. */
  get verifying(): boolean {
    return this.#verifying;
  }

  constructor(actor: RoomActor, id: SocketId, verify: (token: string) => Promise<Result<Claims>>) {
    this.#actor = actor;
    this.#id = id;
    this.#verify = verify;
  }

  /** Resolves when the frame and those before it have been heard. */
  async receive(frame: string): Promise<void> {
    this.#frames.push(frame);
    if (this.#verifying) return;
    for (let next = this.#frames.shift(); next !== undefined; next = this.#frames.shift()) {
      const heard = hear(this.#id, next);
      if (heard.heard === "input") {
        this.#actor.handle(heard.input);
        continue;
      }
      if (heard.heard === "passcode") {
        const noHash = refusal("not-supported", "This server keeps no passcodes.");
        this.#actor.handle({ input: "rejected", socket: this.#id, refusal: noHash, id: heard.id });
        continue;
      }
      this.#verifying = true;
      await this.#hello(heard);
      this.#verifying = false;
    }
  }

  /** A frame that is not text. */
  receiveBinary(): void {
    const binary = refusal("bad-message", "Messages are text; binary frames are not spoken here.");
    this.#actor.handle({ input: "rejected", socket: this.#id, refusal: binary });
  }

  closed(): void {
    this.#actor.handle({ input: "closed", socket: this.#id });
  }

  async #hello({ token, protocol, client, resume }: Extract<Heard, { heard: "hello" }>): Promise<void> {
    const socket = this.#id;
    const claims = await this.#verify(token).catch(
      (thrown: unknown) => ({ ok: false, refusal: refusalOf(thrown) }) as const,
    );
    if (claims.ok) this.#actor.handle({ input: "hello", socket, claims: claims.value, protocol, client, resume });
    else this.#actor.handle({ input: "rejected", socket, refusal: claims.refusal });
  }
}
