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
    const text = rewritten(await response.text(), (lines) => edit(lines.map(outward)));
    return new Response(text, { status: response.status, headers: withoutLength(response.headers) });
  };
}

/** A body that was rewritten has another length, which whoever sends it on will find. */
function withoutLength(headers: Headers): Headers {
  const others = new Headers(headers);
  others.delete("content-length");
  return others;
}

/** JSON with its session description changed line by line; anything else as it is. */
function rewritten(text: string, change: (lines: readonly string[]) => readonly string[]): string {
  if (!text.includes('"sdp"')) return text;
  const json = JSON.parse(text) as { sessionDescription?: { sdp?: unknown } };
  const sdp = json.sessionDescription?.sdp;
  if (typeof sdp !== "string") return text;
  const lines = change(sdp.split(/\r?\n/));
  return JSON.stringify({ ...json, sessionDescription: { ...json.sessionDescription, sdp: lines.join("\r\n") } });
}
