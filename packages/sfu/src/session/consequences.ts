/** What a negotiation brought into being or ended, for the media path to follow. Made by comparing sections. */
import type { Publication } from "../forward/publication.ts";
import type { Subscription } from "../forward/subscription.ts";
import type { Section, TrackAddress } from "./section.ts";

/** Looks up a publication of the same app. */
export type FindPublication = (sessionId: string, trackName: string) => Publication | undefined;

export interface Connected {
  readonly subscription: Subscription;
  /** Undefined when it has ended meanwhile. */
  readonly source: Publication | undefined;
}

export interface Consequences {
  readonly published: readonly Publication[];
  readonly unpublished: readonly Publication[];
  readonly subscribed: readonly Connected[];
  readonly unsubscribed: readonly Subscription[];
  /** Subscriptions that go on with another source. */
  readonly redirected: readonly Connected[];
}

export function consequencesOf(
  before: readonly Section[],
  after: readonly Section[],
  find: FindPublication,
): Consequences {
  const old = uses(before);
  const now = uses(after);
  const connected = ([subscription, source]: [Subscription, TrackAddress]): Connected => ({
    subscription,
    source: find(source.sessionId, source.trackName),
  });
  const entries = [...now.subscriptions];
  return {
    published: [...now.publications].filter((publication) => !old.publications.has(publication)),
    unpublished: [...old.publications].filter((publication) => !now.publications.has(publication)),
    subscribed: entries.filter(([subscription]) => !old.subscriptions.has(subscription)).map(connected),
    unsubscribed: [...old.subscriptions.keys()].filter((subscription) => !now.subscriptions.has(subscription)),
    redirected: entries
      .filter(([subscription, source]) => isOther(old.subscriptions.get(subscription), source))
      .map(connected),
  };
}

function isOther(before: TrackAddress | undefined, now: TrackAddress): boolean {
  return before !== undefined && (before.sessionId !== now.sessionId || before.trackName !== now.trackName);
}

function uses(sections: readonly Section[]) {
  const publications = new Set<Publication>();
  const subscriptions = new Map<Subscription, TrackAddress>();
  for (const { inbound, outbound } of sections) {
    if (inbound.state === "publishing") publications.add(inbound.publication);
    if (outbound.state === "sending") subscriptions.set(outbound.subscription, outbound.source);
  }
  return { publications, subscriptions };
}
