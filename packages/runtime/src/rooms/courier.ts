/**
 * Carries the events of one room to an app's endpoints: in order, at least once, signed; one actor per room.
 *
 * An endpoint that does not answer with 2xx is tried again, later each time, and what comes after waits. After
 * `tries` the event is put aside as a dead letter and the next one goes. Its alarm is set before anything is sent, so a
 * process that ends meanwhile goes on where it was.
 *
 * | key | holds |
 * |---|---|
 * | `event:<seq>` | an event, the newest thousand at the least |
 * | `last` | the last event that came |
 * | `endpoint:<id>` | how far this endpoint is |
 * | `dead:<endpoint>:<seq>` | why an event was given up |
 */
import { Actor } from "@satsuma/durable";
import { RefusedError, type RoomEvent, type WebhookBody } from "@satsuma/protocol";
import type { Log } from "../log.ts";
import { sign } from "./signature.ts";

export interface WebhookEndpoint {
  /** Names it where it is replayed; of letters, digits and dashes. */
  readonly id: string;
  readonly url: string;
  /** What signatures are made with. */
  readonly secret: string;
}

export interface CourierEnv {
  readonly endpoints: readonly WebhookEndpoint[];
  readonly fetch: typeof fetch;
  readonly log: Log;
  /** Milliseconds before the first new try; 1 s by default. Doubles up to an hour. */
  readonly firstWait?: number;
}

export type CourierQuestion =
  | { readonly ask: "post"; readonly events: readonly RoomEvent[] }
  | { readonly ask: "inspect" }
  /** Sends everything from this event on again. */
  | { readonly ask: "replay"; readonly endpoint: string; readonly from: number };

export interface Delivery {
  readonly endpoint: string;
  /** The next event to be sent. */
  readonly next: number;
  /** How often that one was tried. */
  readonly tries: number;
  readonly dead: readonly { readonly seq: number; readonly why: string }[];
}

interface Progress {
  readonly next: number;
  readonly tries: number;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
}

/** A day and a half, with an hour between the last ones. */
const tries = 40;
const longest = 3_600_000;
/** Milliseconds that an endpoint has to answer. */
const patience = 10_000;
const kept = 1_000;
const deadKept = 100;

export class Courier extends Actor<CourierEnv> {
  readonly #underway = new Set<string>();

  override async start(): Promise<void> {
    await this.#go();
  }

  override async ask(question: CourierQuestion): Promise<readonly Delivery[] | undefined> {
    switch (question.ask) {
      case "post":
        return this.#post(question.events);
      case "inspect":
        return Promise.all(this.context.env.endpoints.map(({ id }) => this.#delivery(id)));
      case "replay":
        return this.#replay(question.endpoint, question.from);
    }
  }

  override async alarm(): Promise<void> {
    await this.#go();
  }

  async #post(events: readonly RoomEvent[]): Promise<undefined> {
    const { storage, env } = this.context;
    if (env.endpoints.length === 0) return;
    const last = (await storage.get<number>("last")) ?? 0;
    const fresh = events.filter(({ seq }) => seq > last);
    const newest = fresh.at(-1)?.seq;
    if (newest === undefined) return;
    await storage.put(Object.fromEntries(fresh.map((event) => [keyOf(event.seq), event])));
    await storage.put("last", newest);
    await this.#go();
  }

  async #replay(id: string, from: number): Promise<undefined> {
    const { storage, env } = this.context;
    if (!env.endpoints.some((endpoint) => endpoint.id === id)) {
      throw new RefusedError("not-found", "There is no such endpoint.");
    }
    await storage.put(`endpoint:${id}`, { next: from, tries: 0, notBefore: 0 } satisfies Progress);
    await this.#go();
  }

  /** Sends what is due to every endpoint that is not being sent to, and sets the alarm for the others. */
  async #go(): Promise<void> {
    const { storage, env, now } = this.context;
    const last = (await storage.get<number>("last")) ?? 0;
    let alarm: number | undefined;
    for (const endpoint of env.endpoints) {
      const progress = await this.#progress(endpoint.id);
      if (progress.next > last) continue;
      const wait = this.#underway.has(endpoint.id) ? now() + 2 * patience : progress.notBefore;
      if (wait <= now()) await this.#send(endpoint, progress);
      alarm = Math.min(alarm ?? Number.POSITIVE_INFINITY, Math.max(wait, now() + 2 * patience));
      if (wait > now()) alarm = Math.min(alarm, wait);
    }
    if (alarm === undefined) await storage.deleteAlarm();
    else await storage.setAlarm(alarm);
  }

  async #send(endpoint: WebhookEndpoint, progress: Progress): Promise<void> {
    const { storage, env, name } = this.context;
    const [found] = await storage.list<RoomEvent>({ prefix: "event:", start: keyOf(progress.next), limit: 1 });
    if (found === undefined) return;
    const [, event] = found;
    const body = JSON.stringify({ room: name, event } satisfies WebhookBody);
    this.#underway.add(endpoint.id);
    const deliver = async () => {
      const response = await env.fetch(endpoint.url, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "Satsuma-Signature": await sign(endpoint.secret, body, this.context.now()),
        },
        body,
        redirect: "manual",
        signal: AbortSignal.timeout(patience),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`it answered ${response.status}`);
    };
    this.context.outside(deliver, async (outcome) => {
      this.#underway.delete(endpoint.id);
      // A replay that was asked for meanwhile begins where it was told to.
      const current = await this.#progress(endpoint.id);
      if (current.next !== progress.next) return this.#go();
      if (outcome.ok) await this.#moveOn(endpoint.id, event.seq);
      else await this.#fail(endpoint.id, progress, event.seq, outcome.error);
      return this.#go();
    });
  }

  async #moveOn(id: string, seq: number): Promise<void> {
    const { storage } = this.context;
    await storage.put(`endpoint:${id}`, { next: seq + 1, tries: 0, notBefore: 0 } satisfies Progress);
    const all = await Promise.all(this.context.env.endpoints.map((endpoint) => this.#progress(endpoint.id)));
    const done = Math.min(...all.map(({ next }) => next)) - kept;
    if (done <= 0) return;
    const old = await storage.list({ prefix: "event:", end: keyOf(done), limit: 100 });
    await storage.delete([...old.keys()]);
  }

  async #fail(id: string, progress: Progress, seq: number, error: unknown): Promise<void> {
    const { storage, env, now } = this.context;
    const why = error instanceof Error ? error.message : "it failed";
    if (progress.tries + 1 >= tries) {
      env.log.error("webhook given up", { room: this.context.name, endpoint: id, seq, why });
      await storage.put(`dead:${id}:${String(seq).padStart(16, "0")}`, why);
      const dead = await storage.list({ prefix: `dead:${id}:`, reverse: true });
      await storage.delete([...dead.keys()].slice(deadKept));
      return this.#moveOn(id, seq);
    }
    const wait = Math.min(longest, (env.firstWait ?? 1_000) * 2 ** progress.tries);
    const later: Progress = { next: progress.next, tries: progress.tries + 1, notBefore: now() + wait };
    await storage.put(`endpoint:${id}`, later);
  }

  async #progress(id: string): Promise<Progress> {
    return (await this.context.storage.get<Progress>(`endpoint:${id}`)) ?? { next: 1, tries: 0, notBefore: 0 };
  }

  async #delivery(id: string): Promise<Delivery> {
    const { next, tries } = await this.#progress(id);
    const prefix = `dead:${id}:`;
    const dead = await this.context.storage.list<string>({ prefix });
    return {
      endpoint: id,
      next,
      tries,
      dead: [...dead].map(([key, why]) => ({ seq: Number(key.slice(prefix.length)), why })),
    };
  }
}

function keyOf(seq: number): string {
  return `event:${String(seq).padStart(16, "0")}`;
}
