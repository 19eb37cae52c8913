/** Everything around the pages: one room server, one media server, and the network to them, whose faults come from the seed. */
import { parseBegin, type refusal, type TrackSource } from "@satsuma/protocol";
import type { Claims } from "@satsuma/rooms";
import { Clock } from "./clock.ts";
import { Fate } from "./fate.ts";
import { app, MediaServer } from "./media-server.ts";
import { moderator } from "./moderation.ts";
import type { ModelSocket, Page, Surroundings } from "./page.ts";
import type { ModelPeerConnection } from "./peer-connection.ts";
import { type Ask, type Behind, begun, epoch, nobody, proxied, refused } from "./proxy.ts";
import { expired, RoomServer } from "./room-server.ts";

/** Calls that negotiate: of one session never two at once. */
const negotiating = /\/(?:tracks\/new|renegotiate|tracks\/close)$/;

export class World implements Surroundings {
  readonly clock = new Clock();
  readonly fate: Fate;
  readonly media: MediaServer;
  readonly rooms: RoomServer;
  readonly complaints: string[] = [];
  switchedOff: (participant: string, source: TrackSource) => void = () => {};
  putOut: (participant: string) => void = () => {};
  /** What happened, for whoever lives a life again to understand it; undefined when nobody will read it. */
  readonly story: string[] | undefined;
  /** Tokens before this one of each person are no longer taken. */
  readonly #least = new Map<string, number>();
  readonly #issued = new Map<string, number>();
  readonly #issuedAt = new Map<string, number>();
  readonly #negotiating = new Map<string, number>();

  constructor(seed: number, told: boolean) {
    this.story = told ? [] : undefined;
    this.fate = new Fate(seed);
    this.media = new MediaServer(this.clock, this.fate);
    this.rooms = new RoomServer({
      clock: this.clock,
      verify: (token) => this.#verify(token),
      release: (sessions) => {
        for (const session of sessions) this.clock.plan(this.fate.delay(1, 30), () => this.#release(session));
      },
      stop: (tracks) => {
        for (const [session, some] of Map.groupBy(tracks, (track) => track.session)) {
          const names = some.map(({ name }) => name);
          this.clock.plan(this.fate.delay(1, 30), () => this.#release(session, names));
        }
      },
      switchedOff: (participant, source) => {
        this.tell(() => `a moderator has switched ${participant}'s ${source} off`);
        this.switchedOff(participant, source);
      },
      putOut: (participant) => {
        this.tell(() => `a moderator has put ${participant} out`);
        this.putOut(participant);
      },
    });
  }

  readonly complain = (what: string): void => {
    this.complaints.push(`${what} (at ${Math.round(this.clock.now)} ms)`);
    this.tell(() => `COMPLAINT: ${what}`);
  };

  tell(what: () => string): void {
    this.story?.push(`${String(Math.round(this.clock.now)).padStart(6)} ${what()}`);
  }

  token(person: string): string {
    const number = (this.#issued.get(person) ?? 0) + 1;
    this.#issued.set(person, number);
    this.#issuedAt.set(person, this.clock.now);
    this.tell(() => `${person} is given token ${number}`);
    return `${person}:${number}:${this.clock.now}`;
  }

  /** Every token issued so far to this person is over; a new one lives a while. */
  expire(person: string): void {
    if (this.clock.now - (this.#issuedAt.get(person) ?? 0) < 5_000) return;
    this.#least.set(person, (this.#issued.get(person) ?? 0) + 1);
  }

  connect(connection: ModelPeerConnection, ufrag: string): void {
    this.media.connect(connection, ufrag);
  }

  cut(page: Page, cut: boolean): void {
    page.cut = cut;
    for (const path of this.media.paths) path.networkChanged();
  }

  async fetch(page: Page, url: string, init: RequestInit): Promise<Response> {
    const path = url.slice(url.indexOf("/sfu/sessions/") + "/sfu/sessions/".length);
    const token = new Headers(init.headers).get("authorization")?.slice("Bearer ".length) ?? "";
    const session = negotiating.test(path) ? path.split("/")[0] : undefined;
    this.#begin(session, path);
    const aborted = new Promise<never>((_, reject) => {
      init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
    });
    try {
      const ask = { method: init.method ?? "GET", path, body: String(init.body ?? "") };
      return await Promise.race([aborted, this.#exchange(page, ask, token, aborted)]);
    } finally {
      // A call that timed out may still be under way at the server; it is the client's view that counts.
      if (session !== undefined) this.#negotiating.set(session, (this.#negotiating.get(session) ?? 1) - 1);
    }
  }

  async #exchange(page: Page, ask: Ask, token: string, aborted: Promise<never>): Promise<Response> {
    const { fate } = this;
    await page.wait(fate.delay(4, 40));
    if (page.cut) return page.wait(60_000).then(() => Promise.reject(new TypeError("No network.")));
    if (fate.fails()) return this.#lose(`${page.name}'s request ${ask.path} was lost`);
    if (fate.fails(0.5)) return this.#respond({ status: 503, body: { errorCode: "temporarily_unavailable_error" } });
    if (fate.fails(0.5)) return this.#respond({ status: 429, body: { errorCode: "too-many-requests" } });
    const claims = this.#verify(token);
    if (ask.path === "begin" && !("code" in claims)) return this.#inLines(page, ask, claims, aborted);
    const answer = "code" in claims ? nobody : await proxied(ask, claims, this.#behind);
    this.tell(
      () => `${page.name} ${ask.method} ${ask.path} → ${answer.status} ${JSON.stringify(answer.body).slice(0, 160)}`,
    );
    await page.wait(fate.delay(4, 40));
    if (page.cut || fate.fails()) return this.#lose(`the answer to ${page.name}'s ${ask.path} was lost`);
    return this.#respond(answer);
  }

  /** An answer in lines: the server is one ahead of who reads them, and the way may break before any. */
  async #inLines(page: Page, { body }: Ask, claims: Claims, aborted: Promise<never>): Promise<Response> {
    const request = parseBegin(body);
    if (!request.ok) return this.#respond(refused(request.refusal));
    const steps = begun(request.value, claims, this.#behind);
    const lines = request.value.pull ? 3 : 2;
    let next = steps.next();
    let count = 0;
    let session: string | undefined;
    const over = () => {
      if (session !== undefined) this.#negotiating.set(session, (this.#negotiating.get(session) ?? 1) - 1);
      session = undefined;
    };
    const arrive = async () => {
      const { value, done } = await next;
      if (!done) next = steps.next();
      await page.wait(this.fate.delay(4, 40));
      if (page.cut || this.fate.fails()) return this.#lose(`${page.name} heard no more than ${count} lines`);
      if (done || value === undefined) return { done: true, value: undefined };
      this.tell(() => `${page.name} begins: ${value.step} ${value.status} ${JSON.stringify(value.body).slice(0, 160)}`);
      count += 1;
      if (value.step === "session" && value.status === 201) {
        session = (value.body as { readonly sessionId: string }).sessionId;
        this.#begin(session, "begin");
      }
      if (count === lines || value.status >= 300) over();
      return { done: false, value: new TextEncoder().encode(`${JSON.stringify(value)}\n`) };
    };
    const read = () =>
      Promise.race([aborted, arrive()]).catch((thrown: unknown) => {
        over();
        throw thrown;
      });
    return { ok: true, status: 200, body: { getReader: () => ({ read }) } } as unknown as Response;
  }

  get #behind(): Behind {
    return { rooms: this.rooms, media: this.media, now: () => this.clock.now };
  }

  #lose(what: string): never {
    this.tell(() => what);
    throw new TypeError(what);
  }

  #respond({ status, body }: { readonly status: number; readonly body: unknown }): Response {
    const text = JSON.stringify(body);
    let bytes: Uint8Array | undefined = new TextEncoder().encode(text);
    const read = async () => {
      const value = bytes;
      bytes = undefined;
      return { done: value === undefined, value };
    };
    const reader = { getReader: () => ({ read }) };
    return { ok: status < 300, status, json: async () => JSON.parse(text), body: reader } as unknown as Response;
  }

  /** Frames keep their order, as TCP has it; a cut network holds them back, and a dropped socket loses them. */
  openSocket(page: Page, socket: ModelSocket): void {
    const { clock, fate, rooms } = this;
    let server: number | undefined;
    let [upAt, downAt] = [0, 0];
    let isGone = false;
    const after = (last: number) => Math.max(last, clock.now + fate.delay(2, 30));
    const lose = () => {
      isGone = true;
      if (server !== undefined) rooms.lost(server);
    };
    socket.outgoing = (frame) => {
      this.tell(() => `${page.name} ⇒ ${frame.slice(0, 900)}`);
      upAt = after(upAt);
      clock.plan(upAt - clock.now, () => {
        if (!isGone && !page.cut && server !== undefined) rooms.frame(server, frame);
      });
    };
    socket.ended = () => clock.plan(after(upAt) - clock.now, lose);
    clock.plan(fate.delay(4, 40), () => {
      if (socket.readyState !== 0) return;
      if (page.cut || fate.fails()) return page.run(() => socket.drop(1006, ""));
      socket.readyState = 1;
      server = rooms.open({
        send: (frame) => {
          this.tell(() => `${page.name} ⇐ ${frame.slice(0, 900)}`);
          downAt = after(downAt);
          page.later(downAt - clock.now, () => {
            if (!isGone && !page.cut && socket.readyState === 1) socket.onmessage?.({ data: frame });
          });
        },
        close: (code, reason) => {
          downAt = after(downAt);
          page.later(downAt - clock.now, () => socket.drop(code, reason));
        },
      });
      page.run(() => socket.onopen?.());
    });
  }

  /** The socket breaks: both ends know it after a while, or only one of them before it looks. */
  breakSockets(page: Page, halfOpen: boolean): void {
    for (const socket of page.sockets) {
      if (socket.readyState !== 1) continue;
      socket.ended();
      if (halfOpen) socket.outgoing = () => {};
      else page.later(this.fate.delay(1, 50), () => socket.drop(1006, ""));
    }
  }

  /** One session of somebody ends at the media server. */
  killSession(person: string): void {
    for (const session of this.rooms.room.sessionsOf(person)) this.media.sfu.end(app, session);
  }

  #begin(session: string | undefined, path: string): void {
    if (session === undefined) return;
    const under = this.#negotiating.get(session) ?? 0;
    if (under > 0) this.complain(`a second negotiation began: ${path}`);
    this.#negotiating.set(session, under + 1);
  }

  #verify(token: string): Claims | ReturnType<typeof refusal> {
    const [person = "", number = "0", at] = token.split(":");
    if (Number(number) < (this.#least.get(person) ?? 0)) return expired;
    const role = person === moderator ? "host" : "speaker";
    const issuedAt = epoch + Number(at);
    return { room: "garden", participant: person, identity: `person-${person}`, name: person, role, issuedAt };
  }

  /** As the room server does it: there is no call that ends a session. Without names all that it sends and receives. */
  #release(session: string, names?: readonly string[]): void {
    try {
      const { tracks = [] } = this.media.sfu.state(app, session);
      const mids = tracks.flatMap(({ mid, location, trackName }) => {
        const meant = names === undefined || (location === "local" && names.includes(trackName ?? ""));
        return mid === undefined || !meant ? [] : [{ mid }];
      });
      if (mids.length > 0) void this.media.sfu.close(app, session, { tracks: mids, force: true }).catch(() => {});
    } catch {
      // It has ended by itself.
    }
  }
}
