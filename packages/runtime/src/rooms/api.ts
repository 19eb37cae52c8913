/**
 * The server's API at `/api/v1`, for an app's backend: rooms, meetings, tokens, and orders in the words of members.
 *
 * Every request bears the API's key. Bodies are parsed in `protocol` (room/api.ts) and bounded; refusals are JSON with the
 * status of their code.
 */
import type { Handle, Namespace } from "@satsuma/durable";
import {
  type ApiDone,
  type ApiRoom,
  errors,
  parseApiOrder,
  parseApiTokenRequest,
  type Refusal,
  type Result,
  refusal,
  refusalOf,
} from "@satsuma/protocol";
import { type Order, parseRoomName } from "@satsuma/rooms";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Log } from "../log.ts";
import { webhooksApi } from "./api-webhooks.ts";
import { askRoom } from "./ask.ts";
import type { Courier } from "./courier.ts";
import type { Directory, DirectoryQuestion } from "./directory.ts";
import type { RoomObject } from "./object.ts";
import { hashPasscode } from "./passcode.ts";
import type { RoomTokens } from "./tokens.ts";
import type { Webhooks } from "./webhooks.ts";

export interface ApiContext {
  /** At least 32 characters; whoever bears it may do everything here. */
  readonly key: string;
  readonly rooms: Namespace<RoomObject>;
  readonly directory: Handle<Directory>;
  readonly couriers: Namespace<Courier>;
  readonly webhooks: Handle<Webhooks>;
  readonly tokens: RoomTokens;
  readonly now: () => number;
  readonly log: Log;
}

const bodyBytes = 65_536;
const mostPerPage = 200;
const tooLarge = refusal("too-large", `A body may have ${bodyBytes} bytes at the most.`);

/** To be mounted at `/api/v1`. */
export function roomsApi(context: ApiContext): Hono {
  const { directory, couriers, webhooks, rooms, tokens } = context;
  if (context.key.length < 32) throw new Error("The key of the rooms API has at least 32 characters.");
  const app = new Hono();
  app.use(async (c, next) => {
    c.header("Cache-Control", "no-store");
    const shown = /^Bearer (\S{1,512})$/i.exec(c.req.header("Authorization") ?? "")?.[1];
    if (shown === undefined || !(await isSame(shown, context.key))) {
      return refuse(c, refusal("unauthorized", "The key of the API is needed."));
    }
    return next();
  });
  app.use(bodyLimit({ maxSize: bodyBytes, onError: (c) => refuse(c, tooLarge) }));

  app.get("/rooms", async (c) =>
    c.json(await look(directory, { ask: "rooms", after: c.req.query("after"), limit: limitOf(c) })),
  );
  app.get("/meetings", async (c) => {
    const { room, before } = c.req.query();
    return c.json(await look(directory, { ask: "meetings", room, before, limit: limitOf(c) }));
  });
  app.get("/meetings/:meeting/visits", async (c) => {
    const meeting = c.req.param("meeting");
    return c.json(await look(directory, { ask: "visits", meeting, after: c.req.query("after"), limit: limitOf(c) }));
  });
  app.get("/rooms/:room", async (c) => {
    const name = parseRoomName(c.req.param("room"));
    if (!name.ok) return refuse(c, name.refusal);
    const found = await askRoom(rooms.get(name.value), "inspect", {});
    return c.json({ name: name.value, ...found } satisfies ApiRoom);
  });
  app.post("/rooms/:room/orders", async (c) => {
    const name = parseRoomName(c.req.param("room"));
    if (!name.ok) return refuse(c, name.refusal);
    const order = await orderOf(await c.req.text(), context.now());
    if (!order.ok) return refuse(c, order.refusal);
    if (order.value.do === "keep" && order.value.kept) {
      const full = (await look(directory, { ask: "admit", room: name.value })) as Refusal | undefined;
      if (full) return refuse(c, full);
    }
    const by = c.req.header("Satsuma-Operator")?.slice(0, 128) || "api";
    const answer = await askRoom(rooms.get(name.value), "order", { by, order: order.value });
    if (!answer.ok) return refuse(c, answer.refusal);
    if (order.value.do === "keep") await look(directory, { ask: "keep", room: name.value, kept: order.value.kept });
    return c.json({ version: answer.version, result: answer.result } satisfies ApiDone);
  });
  app.post("/rooms/:room/tokens", async (c) => {
    const name = parseRoomName(c.req.param("room"));
    if (!name.ok) return refuse(c, name.refusal);
    const request = parseApiTokenRequest(await c.req.text());
    if (!request.ok) return refuse(c, request.refusal);
    return c.json(await tokens.issue(name.value, request.value.name, request.value), 201);
  });
  for (const part of ["debug", "timeline"] as const) {
    app.get(`/rooms/:room/${part}`, async (c) => {
      const name = parseRoomName(c.req.param("room"));
      if (!name.ok) return refuse(c, name.refusal);
      const { participant, meeting, session, after } = c.req.query();
      const wanted = { participant, meeting, session, after, limit: limitOf(c) };
      return c.json(await askRoom(rooms.get(name.value), "notes", { part, wanted }));
    });
  }
  app.route("/webhooks", webhooksApi(webhooks));
  app.get("/rooms/:room/webhooks", async (c) => {
    const name = parseRoomName(c.req.param("room"));
    if (!name.ok) return refuse(c, name.refusal);
    return c.json((await couriers.get(name.value).ask({ ask: "inspect" })) ?? []);
  });
  app.post("/rooms/:room/webhooks/:endpoint/replay", async (c) => {
    const name = parseRoomName(c.req.param("room"));
    if (!name.ok) return refuse(c, name.refusal);
    const from = Number(c.req.query("from"));
    if (!Number.isSafeInteger(from) || from < 1)
      return refuse(c, refusal("bad-message", "`from` is the first event's number."));
    await couriers.get(name.value).ask({ ask: "replay", endpoint: c.req.param("endpoint"), from });
    return c.body(null, 204);
  });
  app.all("*", (c) => refuse(c, refusal("not-found", "The API has nothing here.")));
  app.onError((thrown, c) => {
    const why = refusalOf(thrown);
    if (why.code === "internal") context.log.error("rooms API failed", { path: c.req.path, error: thrown });
    return refuse(c, why);
  });
  return app;
}

/** A passcode becomes its hash, and "until now" a time. */
async function orderOf(body: string, now: number): Promise<Result<Order>> {
  const parsed = parseApiOrder(body);
  if (!parsed.ok) return parsed;
  const order = parsed.value;
  if (order.do === "revoke") return { ok: true, value: { ...order, before: now } };
  if (order.do !== "set-passcode") return { ok: true, value: order as Order };
  const hash = order.passcode === null ? null : await hashPasscode(order.passcode);
  return { ok: true, value: { do: "set-passcode", hash } };
}

function look(directory: Handle<Directory>, question: DirectoryQuestion): Promise<object | undefined> {
  return directory.ask(question);
}

function limitOf(c: Context): number {
  const asked = Number(c.req.query("limit") ?? 50);
  return Number.isInteger(asked) ? Math.min(mostPerPage, Math.max(1, asked)) : 50;
}

function refuse(c: Context, why: Refusal): Response {
  return c.json(why, errors[why.code].status);
}

/** Compares hashes, so that the time it takes says nothing of how much of the key was right. */
async function isSame(shown: string, key: string): Promise<boolean> {
  const digest = async (text: string) =>
    new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  const [a, b] = await Promise.all([digest(shown), digest(key)]);
  return a.every((byte, index) => byte === b[index]);
}
