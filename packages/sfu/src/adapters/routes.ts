/** The routes of the WebSocket adapters. They are mounted behind the Calls API's bearer and body limit. */
import { parseCloseAdapters, parseNewAdapters, unwrap } from "@satsuma/protocol";
import { Hono } from "hono";
import type { Adapters } from "./adapters.ts";

export function adapterRoutes(adapters: Adapters): Hono {
  const routes = new Hono();
  routes.post("/:app/adapters/websocket/new", async (c) => {
    const items = unwrap(parseNewAdapters(await c.req.text()));
    const response = await adapters.open(c.req.param("app"), items);
    return c.json(response, allFailed(response.tracks) ? 503 : 200);
  });
  routes.post("/:app/adapters/websocket/close", async (c) => {
    const request = unwrap(parseCloseAdapters(await c.req.text()));
    const response = adapters.close(c.req.param("app"), request);
    return c.json(response, allFailed(response.tracks) ? 503 : 200);
  });
  return routes;
}

function allFailed(results: readonly { errorCode?: string | undefined }[] = []): boolean {
  return results.every((result) => result.errorCode !== undefined);
}
