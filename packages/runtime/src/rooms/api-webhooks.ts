/** The part of the server's API that is about endpoints of webhooks; mounted by api.ts, behind its key. */
import type { Handle } from "@satsuma/durable";
import { errors, parseApiWebhookChange, parseApiWebhookRequest, type Refusal, refusal } from "@satsuma/protocol";
import { type Context, Hono } from "hono";
import type { Webhooks, WebhooksQuestion } from "./webhooks.ts";

/** Seconds for which the old secret goes on signing: a day, in which a backend is deployed anew. */
const usualOverlap = 86_400;
const longestOverlap = 30 * 86_400;
const mostPerPage = 200;

export function webhooksApi(webhooks: Handle<Webhooks>): Hono {
  const app = new Hono();
  const ask = (question: WebhooksQuestion): Promise<object | undefined> => webhooks.ask(question);

  app.get("/", async (c) => c.json({ items: await ask({ ask: "list" }), next: null }));
  app.post("/", async (c) => {
    const request = parseApiWebhookRequest(await c.req.text());
    if (!request.ok) return refuse(c, request.refusal);
    return c.json(await ask({ ask: "create", request: request.value }), 201);
  });
  app.get("/:id", async (c) => c.json(await ask({ ask: "find", id: c.req.param("id") })));
  app.patch("/:id", async (c) => {
    const change = parseApiWebhookChange(await c.req.text());
    if (!change.ok) return refuse(c, change.refusal);
    return c.json(await ask({ ask: "change", id: c.req.param("id"), change: change.value }));
  });
  app.delete("/:id", async (c) => {
    await ask({ ask: "remove", id: c.req.param("id") });
    return c.body(null, 204);
  });
  app.post("/:id/secret", async (c) => {
    const overlap = Number(c.req.query("overlap") ?? usualOverlap);
    if (!Number.isInteger(overlap) || overlap < 0 || overlap > longestOverlap) {
      return refuse(c, refusal("bad-message", `\`overlap\` is from 0 to ${longestOverlap} seconds.`));
    }
    return c.json(await ask({ ask: "rotate", id: c.req.param("id"), overlap: overlap * 1_000 }));
  });
  app.get("/:id/dead", async (c) => {
    const asked = Number(c.req.query("limit") ?? 50);
    const limit = Number.isInteger(asked) ? Math.min(mostPerPage, Math.max(1, asked)) : 50;
    return c.json(await ask({ ask: "dead", id: c.req.param("id"), after: c.req.query("after"), limit }));
  });
  return app;
}

function refuse(c: Context, why: Refusal): Response {
  return c.json(why, errors[why.code].status);
}
