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
import {
  type ApiDeadLetter,
  type ApiDelivery,
  RefusedError,
  type RoomEvent,
  type WebhookBody,
} from "@satsuma/protocol";
import type { Log } from "../log.ts";
import { sign } from "./signature.ts";
import type { WebhookTarget } from "./webhooks.ts";

export interface CourierEnv {
  /** Who is to be told, as of now. */
  readonly targets: () => Promise<readonly WebhookTarget[]>;
  /** Takes what an endpoint did not. */
  readonly bury: (endpoint: string, letter: ApiDeadLetter) => Promise<void>;
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
/** Events that are looked through at once for one that an endpoint wants. */
const lookedThrough = 100;

export class Courier extends Actor<CourierEnv> {
  readonly #underway = new Set<string>();

  override async start(): Promise<void> {
    // Only whoever left something to do has an alarm; a room that never had a webhook is not to ask for them.
    if ((await this.context.storage.get("last")) !== undefined) await this.#go();
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
    const { storage, env } = this.context;
    const targets = await env.targets();
    if (targets.length === 0) return;
    const last = (await storage.get<number>("last")) ?? 0;
    const fresh = events.filter(({ seq }) => seq > last);
    const newest = fresh.at(-1)?.seq;
    if (newest === undefined) return;
    await storage.put(Object.fromEntries(fresh.map((event) => [keyOf(event.seq), event])));
    await storage.put("last", newest);
    await this.#go(targets);
  }

  async #replay(id: string, from: number): Promise<undefined> {
    const { storage, env } = this.context;
    const targets = await env.targets();
    if (!targets.some((target) => target.id === id)) throw new RefusedError("not-found", "There is no such endpoint.");
    await storage.put(`endpoint:${id}`, { next: from, tries: 0, notBefore: 0 } satisfies Progress);
    await this.#go(targets);
  }

  /** Sends what is due to every endpoint that is not being sent to, and sets the alarm for the others. */
  async #go(known?: readonly WebhookTarget[]): Promise<void> {
    const { storage, env, now } = this.context;
    const targets = known ?? (await env.targets());
    await this.#forget(targets);
    const last = (await storage.get<number>("last")) ?? 0;
    let alarm: number | undefined;
    for (const target of targets) {
      const progress = await this.#progress(target);
      if (progress.next > last) continue;
      const wait = this.#underway.has(target.id) ? now() + 2 * patience : progress.notBefore;
      if (wait <= now() && !(await this.#send(target, progress))) continue;
      alarm = Math.min(alarm ?? Number.POSITIVE_INFINITY, Math.max(wait, now() + 2 * patience));
      if (wait > now()) alarm = Math.min(alarm, wait);
    }
    if (alarm === undefined) await storage.deleteAlarm();
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
      if (!response.ok) throw new Error(`it answered ${response.status}`);
    };
    this.context.outside(deliver, async (outcome) => {
      this.#underway.delete(target.id);
      // A replay that was asked for meanwhile begins where it was told to.
      const current = await this.#progress(target);
      if (current.next !== event.seq) return this.#go();
      if (outcome.ok) await this.#moveOn(target.id, event.seq);
      else await this.#fail(target.id, current, event, outcome.error);
      return this.#go();
    });
    return true;
  }

  /** The first event from there on that the endpoint is to be told; what it is not told is passed over for good. */
  async #next(target: WebhookTarget, { next }: Progress): Promise<RoomEvent | undefined> {
    const { storage } = this.context;
    for (let from = next; ; ) {
      const found = await storage.list<RoomEvent>({ prefix: "event:", start: keyOf(from), limit: lookedThrough });
      const wanted = [...found.values()].find((event) => isFor(target, event));
      const passed = wanted?.seq ?? ([...found.values()].at(-1)?.seq ?? from - 1) + 1;
      if (passed > from) {
        const there: Progress = { next: passed, tries: 0, notBefore: 0 };
        await storage.put(`endpoint:${target.id}`, there);
      }
      if (wanted !== undefined || found.size < lookedThrough) return wanted;
      from = passed;
    }
  }

  async #moveOn(id: string, seq: number): Promise<void> {
    const { storage } = this.context;
    await storage.put(`endpoint:${id}`, { next: seq + 1, tries: 0, notBefore: 0 } satisfies Progress);
    const all = await storage.list<Progress>({ prefix: "endpoint:" });
    const done = Math.min(...[...all.values()].map(({ next }) => next)) - kept;
    if (done <= 0) return;
    const old = await storage.list({ prefix: "event:", end: keyOf(done), limit: 100 });
    await storage.delete([...old.keys()]);
  }

  async #fail(id: string, progress: Progress, event: RoomEvent, error: unknown): Promise<void> {
    const { storage, env, now, name } = this.context;
    const { seq, type } = event;
    const why = error instanceof Error ? error.message : "it failed";
    if (progress.tries + 1 >= tries) {
      env.log.error("webhook given up", { room: name, endpoint: id, seq, why });
      await storage.put(`dead:${id}:${String(seq).padStart(16, "0")}`, why);
      const dead = await storage.list({ prefix: `dead:${id}:`, reverse: true });
      await storage.delete([...dead.keys()].slice(deadKept));
      await env.bury(id, { room: name, seq, type, why, at: now() });
      return this.#moveOn(id, seq);
    }
    const wait = Math.min(longest, (env.firstWait ?? 1_000) * 2 ** progress.tries);
    const later: Progress = { next: progress.next, tries: progress.tries + 1, notBefore: now() + wait };
    await storage.put(`endpoint:${id}`, later);
  }

  /** Nothing is kept of endpoints that are no more: their progress would hold back what may be deleted. */
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

  async #progress(target: WebhookTarget): Promise<Progress> {
    const { storage } = this.context;
    const known = await storage.get<Progress>(`endpoint:${target.id}`);
    if (known !== undefined) return known;
    const begun: Progress = { next: await this.#firstFor(target), tries: 0, notBefore: 0 };
    await storage.put(`endpoint:${target.id}`, begun);
    return begun;
  }

  /** An endpoint is told what has happened since it was made. */
  async #firstFor({ since }: WebhookTarget): Promise<number> {
    const { storage } = this.context;
    if (since === 0) return 1;
    let first = ((await storage.get<number>("last")) ?? 0) + 1;
    const found = await storage.list<RoomEvent>({ prefix: "event:", reverse: true });
    for (const { seq, at } of found.values()) {
      if (at < since) break;
      first = seq;
    }
    return first;
  }

  async #delivery(target: WebhookTarget): Promise<ApiDelivery> {
    const { next, tries } = await this.#progress(target);
    const prefix = `dead:${target.id}:`;
    const dead = await this.context.storage.list<string>({ prefix });
    return {
      endpoint: target.id,
      next,
      tries,
      dead: [...dead].map(([key, why]) => ({ seq: Number(key.slice(prefix.length)), why })),
    };
  }
}

function isFor({ events, active }: WebhookTarget, { type }: RoomEvent): boolean {
  return active && (events === null || events.includes(type));
}

function keyOf(seq: number): string {
  return `event:${String(seq).padStart(16, "0")}`;
}
