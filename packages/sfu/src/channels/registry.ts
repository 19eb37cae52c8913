/**
 * Which data channel feeds which: publishers, their subscribers, and who may answer. Pure: a message's channel goes in,
 * the channels that get it come out; the message itself is never seen.
 *
 * One publisher, any number of subscribers, one direction; at most one subscriber may reply, and only the publisher
 * hears it (Calls API, data channels).
 */
export interface ChannelAddress {
  readonly session: string;
  /** SCTP stream id in that session. */
  readonly id: number;
}

interface Publisher {
  readonly role: "publisher";
  readonly address: ChannelAddress;
  readonly name: string;
  readonly subscribers: Set<Subscriber>;
  /** The one subscriber that may reply. */
  replier: Subscriber | undefined;
}

interface Subscriber {
  readonly role: "subscriber";
  readonly address: ChannelAddress;
  readonly publisher: Publisher;
  /** Waits for its first message until then (ms); undefined once it has come or was not asked for. */
  gatedUntil: number | undefined;
}

/** ms that a subscriber has for its first message (Calls platform limits). */
const ackPatience = 30_000;

export class ChannelRegistry {
  readonly #channels = new Map<string, Publisher | Subscriber>();
  readonly #names = new Map<string, Publisher>();
  /** Subscribers that have not sent their first message yet. */
  readonly #gated = new Set<Subscriber>();

  /** Whether a session publishes a channel of this name. */
  published(session: string, name: string): boolean {
    return this.#names.has(nameKey(session, name));
  }

  publish(address: ChannelAddress, name: string): void {
    const publisher: Publisher = { role: "publisher", address, name, subscribers: new Set(), replier: undefined };
    this.#channels.set(key(address), publisher);
    this.#names.set(nameKey(address.session, name), publisher);
  }

  /** The publisher must be there; `published` tells. */
  subscribe(
    address: ChannelAddress,
    of: { readonly session: string; readonly name: string },
    options: { readonly canReply: boolean; readonly waitForAck: boolean },
    now: number,
  ): void {
    const publisher = this.#names.get(nameKey(of.session, of.name));
    if (publisher === undefined) throw new Error("A subscription needs a publisher; the caller has looked for it.");
    const gatedUntil = options.waitForAck ? now + ackPatience : undefined;
    const subscriber: Subscriber = { role: "subscriber", address, publisher, gatedUntil };
    publisher.subscribers.add(subscriber);
    if (options.canReply) publisher.replier = subscriber;
    if (options.waitForAck) this.#gated.add(subscriber);
    this.#channels.set(key(address), subscriber);
  }

  /** Gives or takes the right to reply. False when `session` has no such subscription. */
  allowReply(session: string, of: { readonly session: string; readonly name: string }, canReply: boolean): boolean {
    const publisher = this.#names.get(nameKey(of.session, of.name));
    const subscriber = [...(publisher?.subscribers ?? [])].find((candidate) => candidate.address.session === session);
    if (publisher === undefined || subscriber === undefined) return false;
    if (canReply) publisher.replier = subscriber;
    else if (publisher.replier === subscriber) publisher.replier = undefined;
    return true;
  }

  /** The same for one subscription. */
  allow(subscription: ChannelAddress, canReply: boolean): void {
    const channel = this.#channels.get(key(subscription));
    if (channel?.role !== "subscriber") return;
    const { publisher } = channel;
    if (canReply) publisher.replier = channel;
    else if (publisher.replier === channel) publisher.replier = undefined;
  }

  /** Where a published channel is, and whether one of its subscribers may reply. */
  publisher(
    session: string,
    name: string,
  ): { readonly address: ChannelAddress; readonly replies: boolean; readonly subscribers: number } | undefined {
    const publisher = this.#names.get(nameKey(session, name));
    if (publisher === undefined) return undefined;
    const { address, replier, subscribers } = publisher;
    return { address, replies: replier !== undefined, subscribers: subscribers.size };
  }

  /** Subscribers of a published channel. */
  subscribers(publisher: ChannelAddress): ChannelAddress[] {
    const channel = this.#channels.get(key(publisher));
    return channel?.role === "publisher" ? [...channel.subscribers].map(({ address }) => address) : [];
  }

  /** Where a message that came on this channel goes. */
  targets(from: ChannelAddress): ChannelAddress[] {
    const channel = this.#channels.get(key(from));
    if (channel === undefined) return [];
    if (channel.role === "publisher") {
      return [...channel.subscribers].filter((to) => to.gatedUntil === undefined).map((to) => to.address);
    }
    if (channel.gatedUntil !== undefined) {
      channel.gatedUntil = undefined;
      this.#gated.delete(channel);
      return [];
    }
    return channel.publisher.replier === channel ? [channel.publisher.address] : [];
  }

  /** The channel as its publisher named it, `session/name`, for either side of it. */
  source(of: ChannelAddress): string {
    const channel = this.#channels.get(key(of));
    const publisher = channel?.role === "subscriber" ? channel.publisher : channel;
    return publisher === undefined ? "" : nameKey(publisher.address.session, publisher.name);
  }

  /** Forgets a channel. A publisher's subscribers stay as channels that nothing comes on any more. */
  close(address: ChannelAddress): boolean {
    const channel = this.#channels.get(key(address));
    if (channel === undefined) return false;
    this.#channels.delete(key(address));
    if (channel.role === "publisher") {
      this.#names.delete(nameKey(address.session, channel.name));
    } else {
      this.#gated.delete(channel);
      channel.publisher.subscribers.delete(channel);
      if (channel.publisher.replier === channel) channel.publisher.replier = undefined;
    }
    return true;
  }

  /** Subscribers whose first message did not come in time; they are forgotten, and their channels are the caller's to close. */
  expired(now: number): ChannelAddress[] {
    const late = [...this.#gated].filter((subscriber) => (subscriber.gatedUntil ?? now) <= now);
    for (const { address } of late) this.close(address);
    return late.map((subscriber) => subscriber.address);
  }

  nextDeadline(): number | undefined {
    let next: number | undefined;
    for (const { gatedUntil } of this.#gated) {
      if (gatedUntil !== undefined && (next === undefined || gatedUntil < next)) next = gatedUntil;
    }
    return next;
  }
}

function key({ session, id }: ChannelAddress): string {
  return `${session}/${id}`;
}

function nameKey(session: string, name: string): string {
  return `${session}/${name}`;
}
