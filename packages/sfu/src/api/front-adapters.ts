/**
 * WebSocket adapters before several servers: one that publishes begins where there is the least to do, one that plays is
 * where its track is, and each is closed where its id says. A request for several is taken apart, and its answers are put
 * together in the order of its items.
 */
import { type NewAdapterResult, parseCloseAdapters, parseNewAdapters, unwrap } from "@satsuma/protocol";
import { type Context, Hono } from "hono";
import { numberIn } from "../pipe/number.ts";
import { forwarded, orGone, type Servers } from "./servers.ts";

export function frontAdapters(servers: Servers): Hono {
  const routes = new Hono();
  const placeOf = (id: string) => numberIn(id, servers.count) ?? 0;

  routes.post("/:app/adapters/websocket/new", async (c) => {
    const items = unwrap(parseNewAdapters(await c.req.text()));
    const place = (item: (typeof items)[number]) =>
      item.location === "remote" ? placeOf(item.sessionId) : (servers.least() ?? 0);
    return divided(c, servers, items, place, ({ trackName, endpoint, location }): NewAdapterResult => {
      const local = location === "local";
      return {
        trackName,
        endpoint,
        errorCode: local ? "temporarily_unavailable_error" : "not_found_track_error",
        errorDescription: local ? "No media server is ready. Try again in a moment." : "The track was not found.",
      };
    });
  });
  routes.post("/:app/adapters/websocket/close", async (c) => {
    const { tracks } = unwrap(parseCloseAdapters(await c.req.text()));
    // What is there no more counts as closed.
    return divided(
      c,
      servers,
      tracks,
      ({ adapterId }) => placeOf(adapterId),
      ({ adapterId }) => ({ adapterId }),
    );
  });
  return routes;
}

async function divided<Item>(
  c: Context,
  servers: Servers,
  items: readonly Item[],
  place: (item: Item) => number,
  gone: (item: Item) => NewAdapterResult,
): Promise<Response> {
  const shares = Map.groupBy(items.entries(), ([, item]) => place(item));
  const call = await forwarded(c);
  const results: NewAdapterResult[] = items.map(gone);
  const asked = [...shares].map(async ([server, share]) => {
    const body = new TextEncoder().encode(JSON.stringify({ tracks: share.map(([, item]) => item) }));
    const answer = await orGone(servers.ask(server, { ...call, body }));
    if (answer === undefined) return undefined;
    const { tracks } = (await answer.clone().json()) as { tracks?: NewAdapterResult[] };
    if (tracks === undefined) return answer;
    for (const [index, [place]] of share.entries()) results[place] = tracks[index] ?? results[place] ?? {};
    return undefined;
  });
  const refused = (await Promise.all(asked)).find((answer) => answer !== undefined);
  if (refused !== undefined) return refused;
  const failed = results.every(({ errorCode }) => errorCode !== undefined);
  return c.json({ tracks: results }, failed ? 503 : 200);
}
