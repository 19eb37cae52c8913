import { RefusedError } from "@satsuma/protocol";
import type { Json, Socket } from "./actor.ts";
import { copy } from "./copy.ts";
import { type Gate, leaving, type Output } from "./gate.ts";
import { utf8Bytes } from "./key.ts";
import { limits } from "./limits.ts";
import { measure } from "./measure.ts";

/** The wire below a socket, as a door provides it. Neither call throws; a closed wire ignores both. */
export interface Wire {
  send(data: string | Uint8Array, lossy: boolean): void;
  close(code: number, reason: string): void;
  /** Where the runtime keeps attachments through a sleep of the whole process; without it the line's memory does. */
  attach?(attachment: unknown): void;
}

/** One open socket of an actor, asleep or awake. */
export interface Line {
  readonly id: string;
  readonly detail: Json;
  readonly wire: Wire;
  attachment: unknown;
}

export function checkDetail(detail: Json): void {
  if (utf8Bytes(JSON.stringify(detail)) > limits.detailBytes) {
    throw new RefusedError("too-large", `A socket's detail may have ${limits.detailBytes} bytes as JSON.`);
  }
}

/** The line in the hands of one waking of its actor: its messages pass the gate, and it goes dead with the instance. */
export class LineSocket implements Socket {
  readonly #line: Line;
  readonly #gate: Gate;
  readonly #isLive: () => boolean;

  constructor(line: Line, gate: Gate, isLive: () => boolean) {
    this.#line = line;
    this.#gate = gate;
    this.#isLive = isLive;
  }

  get id(): string {
    return this.#line.id;
  }

  get detail(): Json {
    return this.#line.detail;
  }

  get attachment(): unknown {
    return copy(this.#line.attachment);
  }

  set attachment(value: unknown) {
    this.#check();
    const cloned = copy(value);
    if (measure(cloned) > limits.attachmentBytes) {
      throw new RefusedError("too-large", `A socket's attachment may have ${limits.attachmentBytes} bytes.`);
    }
    this.#line.attachment = cloned;
    this.#line.wire.attach?.(cloned);
  }

  send(data: string | Uint8Array, lossy = false): void {
    this.#check();
    const { wire } = this.#line;
    this.#gate.pass(new Sent(wire, typeof data === "string" ? data : data.slice(), lossy));
  }

  close(code = 1000, reason = ""): void {
    this.#check();
    if (!mayClose(code)) {
      throw new RefusedError(
        "bad-argument",
        "A socket is closed with 1000 to 1014, but for 1004 to 1006, or 3000 to 4999.",
      );
    }
    if (!reason.isWellFormed() || utf8Bytes(reason) > limits.reasonBytes) {
      throw new RefusedError("bad-argument", `A close reason has ${limits.reasonBytes} bytes of well-formed Unicode.`);
    }
    const { wire } = this.#line;
    this.#gate.pass(leaving(() => wire.close(code, reason)));
  }

  #check(): void {
    if (!this.#isLive())
      throw new RefusedError("closed", "This actor was replaced; its sockets belong to the new one.");
  }
}

/** A message on its way out. What is said to a thousand makes a thousand of these, so it is one object and no closure. */
class Sent implements Output {
  readonly #wire: Wire;
  readonly #data: string | Uint8Array;
  readonly #lossy: boolean;

  constructor(wire: Wire, data: string | Uint8Array, lossy: boolean) {
    this.#wire = wire;
    this.#data = data;
    this.#lossy = lossy;
  }

  settled(error: unknown): void {
    if (error === undefined) this.#wire.send(this.#data, this.#lossy);
  }
}

/** RFC 6455 §7.4.1: 1004 has no meaning; 1005, 1006 and 1015 stand for closes without a frame. */
function mayClose(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && !(code >= 1004 && code <= 1006);
}
