/**
 * From the extension ids of a publisher's m-line to those of a subscriber's: what is not in here is not passed on.
 *
 * Subscribers whose m-lines number extensions alike share one passage, so that a packet is written once for all of them.
 */
import type { HeaderExtension } from "../sdp/description.ts";
import { extensionId, extensionUris, passedOn } from "../sdp/extensions.ts";

export class Passage {
  /** Equal for passages that write the same. */
  readonly key: string;
  /** Of the transport-wide sequence number that we write ourselves; 0 for none. */
  readonly transportId: number;
  /** The one extension that may need the two-byte form: a dependency descriptor with its structure. 0 for none. */
  readonly longId: number;
  /** The subscriber's id by the publisher's, 0 for none. */
  readonly #targets = new Uint8Array(256);

  constructor(from: readonly HeaderExtension[], to: readonly HeaderExtension[], kind: "audio" | "video") {
    for (const uri of passedOn(kind)) {
      const source = extensionId(from, uri);
      const target = extensionId(to, uri);
      if (source !== undefined && target !== undefined) this.#targets[source] = target;
    }
    this.transportId = extensionId(to, extensionUris.transportSequence) ?? 0;
    this.longId = extensionId(to, extensionUris.dependencyDescriptor) ?? 0;
    this.key = `${this.transportId};${this.#targets.join("")}`;
  }

  target(source: number): number {
    return this.#targets[source] ?? 0;
  }
}
