/**
 * Carries the events of one room to an app's endpoints: in order, at least once, signed; one actor per room.
 *
 * An endpoint that does not answer with 2xx is tried again, later each time, with the oldest event alone: what comes after
 * waits, and is not tried. However many wait, none waits longer than `BacklogBounds` says; what is dropped then is counted
 * and named. An event that an endpoint refuses for its own sake is put aside sooner. The alarm is set before anything is
 * sent, so a process that ends meanwhile goes on where it was.
 *
 * | key | holds |
 * |---|---|
 * | `event:<seq>`, `last` | events (backlog.ts) |
 * | `endpoint:<id>` | how far this endpoint is |
 * | `dead:<endpoint>:<seq>` | what was dropped, from this event on, and why |
 */
import { Actor } from "@satsuma/durable";
import {
  type ApiDeadLetter,
  type ApiDelivery,
  RefusedError,
  type RoomEvent,
  type WebhookBody,
} from "@satsuma/protocol";
import type { Log } from "../log.ts";
import { Backlog, type BacklogBounds, usualBounds } from "./backlog.ts";
import { sign } from "./signature.ts";
import type { WebhookTarget } from "./webhooks.ts";

export interface CourierEnv {
  /** Who is to be told, as of now. */
  readonly targets: () => Promise<readonly WebhookTarget[]>;
  /** Takes what an endpoint did not. */
  readonly bury: (endpoint: string, letter: ApiDeadLetter) => Promise<void>;
  readonly fetch: typeof fetch;
  readonly log: Log;
  /** Milliseconds before the first new try; 1 s by default. Doubles up to a quarter of an hour. */
  readonly firstWait?: number;
  readonly bounds?: Partial<BacklogBounds>;
}

export type CourierQuestion =
  | { readonly ask: "post"; readonly events: readonly RoomEvent[] }
  | { readonly ask: "inspect" }
  /** Sends everything from this event on again. */
  | { readonly ask: "replay"; readonly endpoint: string; readonly from: number };

interface Progress {
  readonly next: number;
  /** Failures since the endpoint took something last, whichever events they were of. */
  readonly tries: number;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  /** Absent in what was stored before there was a count. */
  readonly dropped?: number;
  /** Milliseconds since the epoch: what is sent again waits from then on. */
  readonly since?: number;
  /** Of the last failure. */
  readonly why?: string;
}

/** Milliseconds; whoever has mended their endpoint waits no longer than that, or asks for a replay. */
const longest = 900_000;
/** Failures after which the API calls an endpoint paused: half a minute, which is no passing fault. */
const pausedAfter = 5;
/** Tries, in a quarter of an hour, of an event that is refused by an endpoint that is there. */
const refusedTries = 10;
/** What an endpoint says of a body that it will not take. Any other status may be about itself or its way. */
const verdicts = new Set([400, 406, 409, 413, 415, 422]);
/** Milliseconds that an endpoint has to answer. */
const patience = 10_000;
const deadKept = 100;
/** Events that are looked through at once for one that an endpoint wants. */
const lookedThrough = 100;

class NotTaken extends Error {
  readonly isVerdict: boolean;

  constructor(status: number) {
    super(`it answered ${status}`);
    this.isVerdict = verdicts.has(status);
  }
}

export class Courier extends Actor<CourierEnv> {
  readonly #underway = new Set<string>();
  readonly #backlog = new Backlog(this.context, { ...usualBounds, ...this.context.env.bounds });

  override async start(): Promise<void> {
    // Only whoever left something to do has an alarm; a room that never had a webhook is not to ask for them.
    if ((await this.#backlog.last()) > 0) await this.#go();
  }

  override async ask(question: CourierQuestion): Promise<readonly ApiDelivery[] | undefined> {
    switch (question.ask) {
      case "post":
        return this.#post(question.events);
      case "inspect": {
        const targets = await this.context.env.targets();
        return Promise.all(targets.map((target) => this.#delivery(target)));
      }
      case "replay":
        return this.#replay(question.endpoint, question.from);
    }
  }

  override async alarm(): Promise<void> {
    await this.#go();
  }

  async #post(events: readonly RoomEvent[]): Promise<undefined> {
    const targets = await this.context.env.targets();
    if (targets.length > 0 && (await this.#backlog.add(events))) await this.#go(targets);
  }

  async #replay(id: string, from: number): Promise<undefined> {
    const { env, now } = this.context;
    const targets = await env.targets();
    const target = targets.find((each) => each.id === id);
    if (target === undefined) throw new RefusedError("not-found", "There is no such endpoint.");
    await this.#store(id, { ...(await this.#progress(target)), next: from, tries: 0, notBefore: 0, since: now() });
    await this.#go(targets);
  }

  /** Sends what is due to every endpoint that is not being sent to, and sets the alarm for the others. */
  async #go(known?: readonly WebhookTarget[]): Promise<void> {
    const { storage, env, now } = this.context;
    const targets = known ?? (await env.targets());
    await this.#forget(targets);
    await this.#tidy(targets);
    const last = await this.#backlog.last();
    let alarm = (await this.#backlog.nextSurplusAt()) ?? Number.POSITIVE_INFINITY;
    for (const target of targets) {
      const progress = await this.#progress(target);
      if (progress.next > last) continue;
      const wait = this.#underway.has(target.id) ? now() + 2 * patience : progress.notBefore;
      if (wait <= now() && !(await this.#send(target, progress))) continue;
      alarm = Math.min(alarm, wait > now() ? wait : now() + 2 * patience);
    }
    if (alarm === Number.POSITIVE_INFINITY) await storage.deleteAlarm();
    else await storage.setAlarm(alarm);
  }

  /** False when nothing of what is there is for this endpoint. */
  async #send(target: WebhookTarget, progress: Progress): Promise<boolean> {
    const { env, name } = this.context;
    const event = await this.#next(target, progress);
    if (event === undefined) return false;
    const body = JSON.stringify({ room: name, event } satisfies WebhookBody);
    this.#underway.add(target.id);
    const deliver = async () => {
      const response = await env.fetch(target.url, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "Satsuma-Signature": await sign(target.secrets, body, this.context.now()),
        },
        body,
        redirect: "manual",
        signal: AbortSignal.timeout(patience),
      });
      await response.body?.cancel();
      if (!response.ok) throw new NotTaken(response.status);
    };
    this.context.outside(deliver, async (outcome) => {
      this.#underway.delete(target.id);
      // A replay that was asked for meanwhile begins where it was told to.
      const current = await this.#progress(target);
      if (current.next !== event.seq) return this.#go();
      if (!outcome.ok) await this.#fail(target.id, current, event, outcome.error);
      else await this.#store(target.id, { ...current, next: event.seq + 1, tries: 0, notBefore: 0 });
      return this.#go();
    });
    return true;
  }

  /** The first event from there on that the endpoint is to be told; what it is not told is passed over for good. */
  async #next(target: WebhookTarget, before: Progress): Promise<RoomEvent | undefined> {
    let progress = before;
    for (;;) {
      const found = await this.#backlog.from(progress.next, lookedThrough);
      const wanted = found.find((event) => isFor(target, event) && !this.#isLate(event, progress));
      const next = wanted?.seq ?? (found.at(-1)?.seq ?? progress.next - 1) + 1;
      const late = found.filter((event) => event.seq < next && isFor(target, event));
      if (next > progress.next) progress = await this.#pass(target.id, progress, next, late, "waited too long");
      if (wanted !== undefined || found.length < lookedThrough) return wanted;
    }
  }

  #isLate({ at }: RoomEvent, { since = 0 }: Progress): boolean {
    return Math.max(at, since) + this.#backlog.bounds.waitFor <= this.context.now();
  }

  /** Goes on at `next`. What was for the endpoint before that is dropped; it is no nearer to being there by it. */
  async #pass(
    id: string,
    progress: Progress,
    next: number,
    lost: readonly RoomEvent[],
    why: string,
  ): Promise<Progress> {
    const passed = { ...progress, next, dropped: (progress.dropped ?? 0) + lost.length };
    await this.#store(id, passed);
    const [first] = lost;
    if (first === undefined) return passed;
    const { storage, env, now, name: room } = this.context;
    const reason = progress.why === undefined ? why : `${why}: ${progress.why}`;
    const { seq, type } = first;
    env.log.error("webhook events dropped", { room, endpoint: id, seq, events: lost.length, why: reason });
    const key = `dead:${id}:${String(seq).padStart(16, "0")}`;
    await storage.put(key, { why: reason, events: lost.length } satisfies Dead);
    const dead = await storage.list({ prefix: `dead:${id}:`, reverse: true });
    await storage.delete([...dead.keys()].slice(deadKept));
    await env.bury(id, { room, seq, type, why: reason, at: now(), events: lost.length });
    return passed;
  }

  async #fail(id: string, progress: Progress, event: RoomEvent, error: unknown): Promise<void> {
    const { env, now } = this.context;
    const why = error instanceof Error ? error.message : "it failed";
    const tries = progress.tries + 1;
    if (tries >= refusedTries && error instanceof NotTaken && error.isVerdict) {
      const next = event.seq + 1;
      await this.#pass(id, { ...progress, tries: 0, notBefore: 0, why }, next, [event], "refused");
      return;
    }
    const wait = Math.min(longest, (env.firstWait ?? 1_000) * 2 ** progress.tries);
    await this.#store(id, { ...progress, tries, notBefore: now() + wait, why });
  }

  /** Removes what is too much or too old; whoever still waited for it is told first. */
  async #tidy(targets: readonly WebhookTarget[]): Promise<void> {
    for (;;) {
      const rows = await this.#backlog.surplus();
      const next = (rows.at(-1)?.seq ?? 0) + 1;
      if (rows.length === 0) return;
      for (const target of targets) {
        const progress = await this.#progress(target);
        const lost = rows.filter((event) => event.seq >= progress.next && isFor(target, event));
        if (progress.next < next) await this.#pass(target.id, progress, next, lost, "too many waited");
      }
      await this.#backlog.remove(rows);
    }
  }

  /** Nothing is kept of endpoints that are no more. */
  async #forget(targets: readonly WebhookTarget[]): Promise<void> {
    const { storage } = this.context;
    const known = await storage.list({ prefix: "endpoint:" });
    for (const key of known.keys()) {
      const id = key.slice("endpoint:".length);
      if (targets.some((target) => target.id === id)) continue;
      const dead = await storage.list({ prefix: `dead:${id}:` });
      await storage.delete([key, ...dead.keys()]);
    }
  }

  async #progress({ id, since }: WebhookTarget): Promise<Progress> {
    const known = await this.context.storage.get<Progress>(`endpoint:${id}`);
    if (known !== undefined) return known;
    // An endpoint is told what has happened since it was made.
    const next = since === 0 ? 1 : await this.#backlog.firstSince(since);
    const begun: Progress = { next, tries: 0, notBefore: 0 };
    await this.#store(id, begun);
    return begun;
  }

  async #store(id: string, progress: Progress): Promise<void> {
    await this.context.storage.put(`endpoint:${id}`, progress);
  }

  async #delivery(target: WebhookTarget): Promise<ApiDelivery> {
    const { next, tries, notBefore, dropped = 0 } = await this.#progress(target);
    const prefix = `dead:${target.id}:`;
    const dead = await this.context.storage.list<Dead | string>({ prefix });
    const waiting = (await this.#backlog.from(next, this.#backlog.bounds.waiting)).filter((event) =>
      isFor(target, event),
    );
    return {
      endpoint: target.id,
      next,
      tries,
      paused: tries >= pausedAfter,
      retryAt: tries > 0 ? notBefore : null,
      waiting: waiting.length,
      dropped,
      dead: [...dead].map(([key, value]) => ({
        seq: Number(key.slice(prefix.length)),
        // What was stored before there was a count is a word alone.
        ...(typeof value === "string" ? { why: value, events: 1 } : value),
      })),
    };
  }
}

interface Dead {
  readonly why: string;
  readonly events: number;
}

function isFor({ events, active }: WebhookTarget, { type }: RoomEvent): boolean {
  return active && (events === null || events.includes(type));
}
