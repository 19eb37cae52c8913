/**
 * How the proxy says no. partytracks 0.0.54 repeats what it cannot read as JSON, and takes JSON without what it looks for
 * for an answer: a push is then left half done and a session is called "undefined". So a refusal of ours is plain text;
 * JSON is only what the media server has said itself.
 */
import { errors, type Refusal } from "@satsuma/protocol";
import type { Context } from "hono";

export function refuse(c: Context, { code, message }: Refusal): Response {
  c.header("Cache-Control", "no-store");
  return c.text(`${code}: ${message}`, errors[code].status as 400);
}

export function pass(c: Context, status: number, body: unknown): Response {
  c.header("Cache-Control", "no-store");
  return c.json(body as object, status as 200);
}
