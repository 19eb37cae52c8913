/** Requests as a browser makes them: with a jar of cookies, and without following redirects. */
export class Jar {
  readonly #url: string;
  readonly cookies = new Map<string, string>();
  /** `Set-Cookie` headers, as they came. */
  readonly set: string[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  get header(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { cookie: this.header, ...(init.headers as Record<string, string>) };
    const response = await fetch(`${this.#url}${path}`, { ...init, headers, redirect: "manual" });
    for (const cookie of response.headers.getSetCookie()) this.#take(cookie);
    return response;
  }

  post(path: string, form: Record<string, string>): Promise<Response> {
    return this.fetch(path, { method: "POST", body: new URLSearchParams(form) });
  }

  /** Of the Calls API: a text body, as partytracks sends it. */
  calls(method: string, path: string, body?: unknown): Promise<Response> {
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    return this.fetch(`/partytracks/${path}?correlationId=m`, { method, ...text });
  }

  async session(): Promise<string> {
    const answer = await this.calls("POST", "sessions/new");
    return String(((await answer.json()) as { sessionId: string }).sessionId);
  }

  #take(cookie: string): void {
    this.set.push(cookie);
    const [pair = ""] = cookie.split(";");
    const name = pair.slice(0, pair.indexOf("="));
    if (/max-age=0/i.test(cookie)) this.cookies.delete(name);
    else this.cookies.set(name, pair.slice(pair.indexOf("=") + 1));
  }
}
