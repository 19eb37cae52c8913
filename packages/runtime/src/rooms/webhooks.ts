/**
 * The endpoints of an app that are told of its rooms' events: one actor. Those of the configuration are listed with those
 * that were made by the API, and cannot be changed by it.
 *
 * Couriers ask it who is to be told what (courier.ts), and bring it what nobody took.
 *
 * | key | holds |
 * |---|---|
 * | `endpoint:<id>` | an endpoint that was made by the API, with its secrets |
 * | `dead:<id>:<when>:<room>` | an event that it did not take |
 */
import { Actor } from "@satsuma/durable";
import {
  type ApiDeadLetter,
  type ApiPage,
  type ApiWebhook,
  type ApiWebhookChange,
  type ApiWebhookRequest,
  type ApiWebhookSecret,
  type Occurrence,
  RefusedError,
} from "@satsuma/protocol";

/** An endpoint of the configuration. */
export interface WebhookEndpoint {
  /** Names it where it is replayed; of letters, digits and dashes. */
  readonly id: string;
  readonly url: string;
  /** What signatures are made with. */
  readonly secret: string;
}

/** An endpoint as couriers need it. */
export interface WebhookTarget {
  readonly id: string;
  readonly url: string;
  /** Each signs; the newest first. */
  readonly secrets: readonly string[];
  /** Null: all. */
  readonly events: readonly Occurrence["type"][] | null;
  readonly active: boolean;
  /** Milliseconds since the epoch: events of before are not for it. */
  readonly since: number;
}

export interface WebhooksEnv {
  readonly configured: readonly WebhookEndpoint[];
}

export type WebhooksQuestion =
  | { readonly ask: "targets" }
  | { readonly ask: "list" }
  | { readonly ask: "find"; readonly id: string }
  | { readonly ask: "create"; readonly request: ApiWebhookRequest }
  | { readonly ask: "change"; readonly id: string; readonly change: ApiWebhookChange }
  /** The secret of before goes on signing for so many milliseconds. */
  | { readonly ask: "rotate"; readonly id: string; readonly overlap: number }
  | { readonly ask: "remove"; readonly id: string }
  | { readonly ask: "bury"; readonly id: string; readonly letter: ApiDeadLetter }
  /** The newest first. */
  | { readonly ask: "dead"; readonly id: string; readonly after: string | undefined; readonly limit: number };

export type WebhooksAnswer =
  | undefined
  | readonly WebhookTarget[]
  | readonly ApiWebhook[]
  | ApiWebhook
  | ApiWebhookSecret
  | ApiPage<ApiDeadLetter>;

/** Every event is sent to each of them. */
const most = 16;
/** Dead letters of one endpoint that are remembered. */
const deadKept = 1_000;

interface Kept {
  readonly id: string;
  readonly url: string;
  readonly events: readonly Occurrence["type"][] | null;
  readonly active: boolean;
  readonly createdAt: number;
  readonly secret: string;
  readonly former: { readonly secret: string; readonly until: number } | null;
}

export class Webhooks extends Actor<WebhooksEnv> {
  override async ask(question: WebhooksQuestion): Promise<WebhooksAnswer> {
    switch (question.ask) {
      case "targets":
        return this.#targets();
      case "list":
        return [
          ...this.context.env.configured.map(shownConfigured),
          ...(await this.#all()).map((one) => this.#show(one)),
        ];
      case "find":
        return this.#find(question.id);
      case "create":
        return this.#create(question.request);
      case "change":
        return this.#change(question.id, question.change);
      case "rotate":
        return this.#rotate(question.id, question.overlap);
      case "remove":
        return this.#remove(question.id);
      case "bury":
        return this.#bury(question.id, question.letter);
      case "dead":
        return this.#dead(question.id, question.after, question.limit);
    }
  }

  async #all(): Promise<Kept[]> {
    const found = await this.context.storage.list<Kept>({ prefix: "endpoint:" });
    return [...found.values()].sort((a, b) => a.createdAt - b.createdAt);
  }

  async #targets(): Promise<WebhookTarget[]> {
    const configured = this.context.env.configured.map(({ id, url, secret }) => {
      return { id, url, secrets: [secret], events: null, active: true, since: 0 };
    });
    const made = (await this.#all()).map(({ id, url, secret, former, events, active, createdAt: since }) => {
      const old = former !== null && former.until > this.context.now() ? [former.secret] : [];
      return { id, url, secrets: [secret, ...old], events, active, since };
    });
    return [...configured, ...made];
  }

  async #find(id: string): Promise<ApiWebhook> {
    const configured = this.context.env.configured.find((endpoint) => endpoint.id === id);
    return configured ? shownConfigured(configured) : this.#show(await this.#get(id));
  }

  async #create({ url, events = undefined, active = true }: ApiWebhookRequest): Promise<ApiWebhookSecret> {
    if ((await this.#all()).length + this.context.env.configured.length >= most) {
      throw new RefusedError("limit-reached", `There may be ${most} endpoints.`);
    }
    const id = crypto.randomUUID();
    const createdAt = this.context.now();
    const kept: Kept = { id, url, events: events ?? null, active, createdAt, secret: newSecret(), former: null };
    await this.context.storage.put(`endpoint:${id}`, kept);
    return { ...this.#show(kept), secret: kept.secret };
  }

  async #change(id: string, change: ApiWebhookChange): Promise<ApiWebhook> {
    const before = await this.#get(id);
    const { url = before.url, events = before.events, active = before.active } = change;
    const after: Kept = { ...before, url, events, active };
    await this.context.storage.put(`endpoint:${id}`, after);
    return this.#show(after);
  }

  async #rotate(id: string, overlap: number): Promise<ApiWebhookSecret> {
    const before = await this.#get(id);
    const former = overlap > 0 ? { secret: before.secret, until: this.context.now() + overlap } : null;
    const after: Kept = { ...before, secret: newSecret(), former };
    await this.context.storage.put(`endpoint:${id}`, after);
    return { ...this.#show(after), secret: after.secret };
  }

  async #remove(id: string): Promise<undefined> {
    await this.#get(id);
    const dead = await this.context.storage.list({ prefix: `dead:${id}:` });
    await this.context.storage.delete([`endpoint:${id}`, ...dead.keys()]);
  }

  async #bury(id: string, letter: ApiDeadLetter): Promise<undefined> {
    const { storage, env } = this.context;
    const isKnown = env.configured.some((endpoint) => endpoint.id === id) || (await storage.get(`endpoint:${id}`));
    // It was deleted while it was being sent to; nobody could read of it, or delete it, any more.
    if (!isKnown) return;
    await storage.put(`dead:${id}:${digits(letter.at)}:${letter.room}`, letter);
    const dead = await storage.list({ prefix: `dead:${id}:`, reverse: true });
    await storage.delete([...dead.keys()].slice(deadKept));
  }

  async #dead(id: string, after: string | undefined, limit: number): Promise<ApiPage<ApiDeadLetter>> {
    await this.#find(id);
    const prefix = `dead:${id}:`;
    const end = after === undefined ? {} : { end: `${prefix}${after}` };
    const found = await this.context.storage.list<ApiDeadLetter>({ prefix, ...end, limit, reverse: true });
    const last = [...found.keys()].at(-1);
    return { items: [...found.values()], next: found.size < limit || !last ? null : last.slice(prefix.length) };
  }

  async #get(id: string): Promise<Kept> {
    if (this.context.env.configured.some((endpoint) => endpoint.id === id)) {
      throw new RefusedError("not-allowed", "This endpoint is of the server's configuration, and is changed there.");
    }
    const found = await this.context.storage.get<Kept>(`endpoint:${id}`);
    if (found === undefined) throw new RefusedError("not-found", "There is no such endpoint.");
    return found;
  }

  #show({ id, url, events, active, createdAt, former }: Kept): ApiWebhook {
    const until = former?.until ?? 0;
    const rotatingUntil = until > this.context.now() ? until : null;
    return { id, url, events, active, createdAt, rotatingUntil, configured: false };
  }
}

function shownConfigured({ id, url }: WebhookEndpoint): ApiWebhook {
  return { id, url, events: null, active: true, createdAt: 0, rotatingUntil: null, configured: true };
}

/** 32 random bytes. */
function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function digits(number: number): string {
  return String(number).padStart(16, "0");
}
