/** The Calls API over in-memory sessions, asked as over HTTP but without a socket. */
import { createApi } from "../src/api/app.ts";
import { type OfferedLine, offer } from "./descriptions.ts";
import { World } from "./world.ts";

export const secret = "a-secret-that-must-never-be-seen";
export const cam: OfferedLine = { mid: "0", kind: "video" };
export const push = { tracks: [{ location: "local", mid: "0", trackName: "cam" }], sessionDescription: offer([cam]) };

export interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly authorization?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly json: unknown;
  readonly headers: Headers;
}

export class Api {
  readonly world = new World({ sessions: 5 });
  readonly errors: unknown[] = [];
  readonly #app = createApi(this.world.sfu, {
    apps: [{ id: "app", secret }],
    onError: (error) => this.errors.push(error),
  });

  async call(call: Call = {}): Promise<Answer> {
    const { method = "POST", path = "/v1/apps/app/sessions/new", authorization = `Bearer ${secret}`, body } = call;
    const request = new Request(new URL(path, "http://sfu"), {
      method,
      headers: { ...(authorization !== "" && { authorization }), ...call.headers },
      ...(body !== undefined && {
        body: typeof body === "string" || body instanceof ReadableStream ? body : JSON.stringify(body),
      }),
      ...(body instanceof ReadableStream && { duplex: "half" }),
    });
    const response = await this.#app.fetch(request);
    const text = await response.text();
    return { status: response.status, json: text === "" ? undefined : JSON.parse(text), headers: response.headers };
  }

  async session(): Promise<string> {
    return ((await this.call()).json as { sessionId: string }).sessionId;
  }

  /** A session that publishes `cam` and is connected. */
  async publisher(): Promise<string> {
    const id = await this.session();
    await this.tracks(id, push);
    this.world.wires.at(-1)?.enter("connected");
    return id;
  }

  tracks(session: string, body: unknown): Promise<Answer> {
    return this.call({ path: `/v1/apps/app/sessions/${session}/tracks/new`, body });
  }

  push(session: string, text: string): Promise<Answer> {
    return this.tracks(session, { ...push, sessionDescription: { type: "offer", sdp: text } });
  }

  renegotiate(session: string, body: unknown): Promise<Answer> {
    return this.call({ path: `/v1/apps/app/sessions/${session}/renegotiate`, method: "PUT", body });
  }

  close(session: string, body: unknown): Promise<Answer> {
    return this.call({ path: `/v1/apps/app/sessions/${session}/tracks/close`, method: "PUT", body });
  }
}

export function many(count: number) {
  return Array.from({ length: count }, () => ({ location: "remote", sessionId: "s", trackName: "t" }));
}
