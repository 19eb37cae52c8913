/**
 * A client of a room server's API (`/api/v1`), for an app's backend: who meets, who may come in, and what happens there.
 *
 * A refusal is thrown as `RefusedError` with the server's code; no answer at all as `TransportFailure`.
 */
import { backoff, type Fetch, type RequestOptions, request } from "@satsuma/core";
import {
  type ApiDeadLetter,
  type ApiDelivery,
  type ApiDone,
  type ApiMeeting,
  type ApiOrder,
  type ApiPage,
  type ApiRoom,
  type ApiRoomSummary,
  type ApiTokenRequest,
  type ApiVisit,
  type ApiWebhook,
  type ApiWebhookChange,
  type ApiWebhookRequest,
  type ApiWebhookSecret,
  type ErrorCode,
  errors,
  type Note,
  RefusedError,
  type TokenResponse,
} from "@satsuma/protocol";

export interface RoomsClientOptions {
  /** The room server's, such as https://meet.example.org. */
  readonly url: string;
  /** The API's key: it belongs on a server, never in a page. */
  readonly key: string;
  /** Who it is done for, as the rooms' logs name them. Default: `api`. */
  readonly operator?: string;
  /** ms for one call; 10 s by default. */
  readonly timeout?: number;
  /** The platform's by default. */
  readonly fetch?: Fetch;
}

export interface PageOptions {
  /** 50 by default, 200 at the most. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly next?: string;
}

/** Of everybody and all meetings by default. A page may be short, and even empty, and still have a `next`. */
export interface NotesOptions extends PageOptions {
  readonly participant?: string;
  readonly meeting?: string;
  /** A media session. */
  readonly session?: string;
}

/** Three attempts within about a second, for calls that change nothing. */
const readRetry = backoff({ attempts: 3, first: 200, longest: 800 });

export class RoomsClient {
  readonly #options: RoomsClientOptions;

  constructor(options: RoomsClientOptions) {
    this.#options = options;
  }

  /** Rooms in which a meeting runs, and those that are kept, by name. */
  rooms(page: PageOptions = {}): Promise<ApiPage<ApiRoomSummary>> {
    return this.#read("rooms", { ...limitOf(page), ...(page.next !== undefined && { after: page.next }) });
  }

  /** A room as it is now. Any name has one: an empty room is the answer for one that nobody has entered. */
  room(name: string): Promise<ApiRoom> {
    return this.#read(`rooms/${encodeURIComponent(name)}`, {});
  }

  /** Has something done in a room, in the words of its members. */
  order(room: string, order: ApiOrder): Promise<ApiDone> {
    return this.#write(`rooms/${encodeURIComponent(room)}/orders`, order);
  }

  /** A token that lets somebody into a room. */
  token(room: string, wanted: ApiTokenRequest): Promise<TokenResponse> {
    return this.#write(`rooms/${encodeURIComponent(room)}/tokens`, wanted);
  }

  /** Meetings, those that run and those that were, newest first; of one room or of all. */
  meetings(page: PageOptions & { readonly room?: string } = {}): Promise<ApiPage<ApiMeeting>> {
    const { room, next } = page;
    const query = {
      ...limitOf(page),
      ...(room !== undefined && { room }),
      ...(next !== undefined && { before: next }),
    };
    return this.#read("meetings", query);
  }

  /** Who was in a meeting, from when, and for how long. */
  visits(meeting: string, page: PageOptions = {}): Promise<ApiPage<ApiVisit>> {
    const query = { ...limitOf(page), ...(page.next !== undefined && { after: page.next }) };
    return this.#read(`meetings/${encodeURIComponent(meeting)}/visits`, query);
  }

  /** What happened to whom in a room, oldest first: requests to the media server, states, moderation. For debugging. */
  debug(room: string, wanted: NotesOptions = {}): Promise<ApiPage<Note>> {
    return this.#notes(room, "debug", wanted);
  }

  /** How good the members' media was along a room's meetings, oldest first. */
  timeline(room: string, wanted: NotesOptions = {}): Promise<ApiPage<Note>> {
    return this.#notes(room, "timeline", wanted);
  }

  /** Endpoints that are told of events, those of the server's configuration included. */
  async webhooks(): Promise<readonly ApiWebhook[]> {
    return (await this.#read<ApiPage<ApiWebhook>>("webhooks", {})).items;
  }

  webhook(id: string): Promise<ApiWebhook> {
    return this.#read(`webhooks/${encodeURIComponent(id)}`, {});
  }

  /** Tells an endpoint of what happens from now on. Its secret is in the answer, and nowhere else later. */
  createWebhook(wanted: ApiWebhookRequest): Promise<ApiWebhookSecret> {
    return this.#write("webhooks", wanted);
  }

  changeWebhook(id: string, change: ApiWebhookChange): Promise<ApiWebhook> {
    return this.#call({ method: "PATCH", path: `webhooks/${encodeURIComponent(id)}`, body: change });
  }

  async deleteWebhook(id: string): Promise<void> {
    await this.#call({ method: "DELETE", path: `webhooks/${encodeURIComponent(id)}` });
  }

  /** A new secret. The one of before signs too for `overlap` seconds, a day by default. */
  rotateWebhookSecret(id: string, overlap?: number): Promise<ApiWebhookSecret> {
    const query = overlap === undefined ? {} : { overlap: String(overlap) };
    return this.#call({ method: "POST", path: `webhooks/${encodeURIComponent(id)}/secret`, query });
  }

  /** What the endpoint never took and was dropped, newest first. */
  deadLetters(id: string, page: PageOptions = {}): Promise<ApiPage<ApiDeadLetter>> {
    const query = { ...limitOf(page), ...(page.next !== undefined && { after: page.next }) };
    return this.#read(`webhooks/${encodeURIComponent(id)}/dead`, query);
  }

  /** How far each endpoint is with a room's events. */
  deliveries(room: string): Promise<readonly ApiDelivery[]> {
    return this.#read(`rooms/${encodeURIComponent(room)}/webhooks`, {});
  }

  /** Sends an endpoint the room's events again, from this one on. */
  async replay(room: string, endpoint: string, from: number): Promise<void> {
    const path = `rooms/${encodeURIComponent(room)}/webhooks/${encodeURIComponent(endpoint)}/replay`;
    await this.#call({ method: "POST", path, query: { from: String(from) } });
  }

  #notes(room: string, part: string, { next, limit = 50, ...wanted }: NotesOptions): Promise<ApiPage<Note>> {
    const query = { ...limitOf({ limit }), ...wanted, ...(next !== undefined && { after: next }) };
    return this.#read(`rooms/${encodeURIComponent(room)}/${part}`, query);
  }

  #read<T>(path: string, query: Readonly<Record<string, string>>): Promise<T> {
    return this.#call({ method: "GET", path, query, retry: readRetry });
  }

  #write<T>(path: string, body: unknown): Promise<T> {
    return this.#call({ method: "POST", path, body });
  }

  async #call<T>(call: Pick<RequestOptions, "method" | "query" | "retry" | "body"> & { path: string }): Promise<T> {
    const { path, ...others } = call;
    const { url, key, operator, timeout, fetch } = this.#options;
    const { status, body } = await request({
      ...others,
      operation: `rooms ${path.split("/")[0]}`,
      url: `${url.replace(/\/+$/, "")}/api/v1/${path}`,
      headers: { authorization: `Bearer ${key}`, ...(operator !== undefined && { "satsuma-operator": operator }) },
      ...(timeout !== undefined && { timeout }),
      ...(fetch && { fetch }),
    });
    if (status >= 400) throw refused(status, body);
    return body as T;
  }
}

function limitOf({ limit }: PageOptions): { limit?: string } {
  return limit === undefined ? {} : { limit: String(limit) };
}

function refused(status: number, body: unknown): RefusedError {
  const { code, message } = (body ?? {}) as { code?: unknown; message?: unknown };
  const known = typeof code === "string" && Object.hasOwn(errors, code) ? (code as ErrorCode) : "internal";
  return new RefusedError(known, typeof message === "string" ? message : `The server answered ${status}.`);
}
