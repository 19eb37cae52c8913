/**
 * The Calls API as a peer behind a relay sees it: the SFU's candidates name the relay's port, and the SFU hears of none
 * of the peer's own addresses, or it would knock there and find a way around the relay.
 *
 * Stands before an API as one `fetch` before another, and looks at session descriptions only. `edit` may change them
 * further, for a peer that lacks something: what it takes out of both, neither side will use.
 */

export interface Detour {
  /** UDP port of the SFU, and of the relay before it. Without it, candidates stay as they are. */
  readonly port?: { readonly from: number; readonly to: number };
  /** Changes the lines of every description, in whichever direction it goes. */
  readonly edit?: (lines: readonly string[]) => readonly string[];
}

type Fetch = (request: Request) => Promise<Response>;

export function detour(fetch: Fetch, { port, edit = (lines) => lines }: Detour): Fetch {
  const outward = (line: string) =>
    port === undefined ? line : line.replace(new RegExp(`^(a=candidate:.*) ${port.from} typ`), `$1 ${port.to} typ`);
  const inward = (lines: readonly string[]) =>
    port === undefined ? lines : lines.filter((line) => !line.startsWith("a=candidate:"));
  return async (request) => {
    const body = await request.text();
    const asked = rewritten(body, (lines) => edit(inward(lines)));
    const { method } = request;
    const headers = withoutLength(request.headers);
    const response = await fetch(new Request(request.url, { method, headers, ...(body !== "" && { body: asked }) }));
    const { status } = response;
    const answered = { status, headers: withoutLength(response.headers) };
    const change = (lines: readonly string[]) => edit(lines.map(outward));
    if (response.headers.get("content-type")?.startsWith("application/x-ndjson") && response.body !== null) {
      return new Response(
        inLines(response.body, (line) => rewritten(line, change)),
        answered,
      );
    }
    return new Response(rewritten(await response.text(), change), answered);
  };
}

/** A body that was rewritten has another length, which whoever sends it on will find. */
function withoutLength(headers: Headers): Headers {
  const others = new Headers(headers);
  others.delete("content-length");
  return others;
}

/** Each line as soon as it is whole, as whoever waits for the first of them needs it. */
function inLines(body: ReadableStream<Uint8Array>, change: (line: string) => string): ReadableStream<Uint8Array> {
  let rest = "";
  const lines = new TransformStream<string, string>({
    transform(chunk, controller) {
      const whole = (rest + chunk).split("\n");
      rest = whole.pop() ?? "";
      for (const line of whole) controller.enqueue(`${change(line)}\n`);
    },
    flush(controller) {
      if (rest !== "") controller.enqueue(change(rest));
    },
  });
  const bytes = body as ReadableStream<Uint8Array<ArrayBuffer>>;
  return bytes.pipeThrough(new TextDecoderStream()).pipeThrough(lines).pipeThrough(new TextEncoderStream());
}

/** JSON with its session descriptions changed line by line; anything else as it is. */
function rewritten(text: string, change: (lines: readonly string[]) => readonly string[]): string {
  if (!text.includes('"sdp"')) return text;
  const json: unknown = JSON.parse(text, (key, value) =>
    key === "sdp" && typeof value === "string" ? change(value.split(/\r?\n/)).join("\r\n") : value,
  );
  return JSON.stringify(json);
}
