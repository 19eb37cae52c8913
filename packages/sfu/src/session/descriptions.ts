/**
 * The descriptions of one session, as they cross the API: theirs are read and bounded, ours are numbered (`o=` line).
 */
import { RefusedError, type SessionDescription, unwrap, limits as wireLimits } from "@satsuma/protocol";
import type { Description, MediaSection } from "../sdp/description.ts";
import { readDescription } from "../sdp/read.ts";
import { writeDescription } from "../sdp/write.ts";
import { checkSamePeer, isLeft, type OpenedTransport, setupOf } from "./opened.ts";

export interface DescriptionsOptions {
  readonly id: string;
  /** m-lines in one. */
  readonly mediaSections: number;
  readonly thirdParty: boolean;
}

export class Descriptions {
  readonly #options: DescriptionsOptions;
  #version = 0;

  constructor(options: DescriptionsOptions) {
    this.#options = options;
  }

  /** An offer of the peer that the session has on `known`, or of one that has left that transport. */
  readOffer(given: SessionDescription, known: OpenedTransport | undefined): Description {
    const offer = this.read(given, "offer");
    if (known !== undefined && !isLeft(known, offer)) checkSamePeer(known, offer);
    return offer;
  }

  read(description: SessionDescription, expected: "offer" | "answer"): Description {
    if (description.type !== expected) {
      throw new RefusedError("invalid_session_description", `Expecting an ${expected} in sessionDescription.`);
    }
    if (description.sdp.length > wireLimits.callsBodyBytes) {
      throw new RefusedError("payload_too_large", "The session description is too large.");
    }
    return unwrap(readDescription(description.sdp, this.#options.mediaSections));
  }

  write(
    type: SessionDescription["type"],
    transport: OpenedTransport,
    media: readonly MediaSection[],
  ): SessionDescription {
    this.#version += 1;
    const setup = setupOf(type, transport.setup, this.#options.thirdParty);
    const sdp = writeDescription({
      id: this.#options.id,
      version: this.#version,
      transport: { ...transport.opened.local, setup },
      anchor: transport.anchor,
      media,
    });
    return { type, sdp };
  }
}
