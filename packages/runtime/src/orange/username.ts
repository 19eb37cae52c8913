/** How a visitor gets a name, and a room its own: `/set-username` and `/new`, as Orange's pages link to them. */
import { nameIn, refusal } from "@satsuma/protocol";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { html } from "hono/html";
import { parse, serialize } from "hono/utils/cookie";
import type { Identify } from "./identify.ts";
import { refuse } from "./reply.ts";
import { type Sessions, sessionCookie } from "./session.ts";

export interface UsernameContext {
  readonly identify: Identify;
  readonly sessions: Sessions;
  /** Whether a header names visitors; then nobody chooses a name here. */
  readonly isNamedByHeader: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function usernameRoutes(context: UsernameContext): Hono {
  const app = new Hono();
  app.get("/new", (c) => c.redirect(`/${newRoomName()}${new URL(c.req.url).search}`, 302));
  app.get("/set-username", async (c) => {
    if (context.isNamedByHeader && (await visitorOf(context, c))) return c.redirect(returnPath(c), 302);
    return c.html(page(c.req.url));
  });
  app.post("/set-username", bodyLimit({ maxSize: 16_384, onError: (c) => refuse(c, tooLarge) }), async (c) => {
    const { username } = await c.req.parseBody();
    const name = typeof username === "string" ? nameIn(username) : undefined;
    if (name === undefined) return refuse(c, noName);
    // A person who takes another name stays the same person, and keeps its sessions.
    const kept = await context.sessions.read(parse(c.req.header("cookie") ?? "", sessionCookie)[sessionCookie]);
    const person = kept && !kept.person.startsWith("name ") ? kept.person : crypto.randomUUID();
    const value = await context.sessions.mint({ name, person, since: context.now() });
    c.header("Set-Cookie", serialize(sessionCookie, value, { httpOnly: true, sameSite: "Strict", path: "/" }));
    return c.redirect(returnPath(c), 302);
  });
  return app;
}

const tooLarge = refusal("too-large", "The form is larger than a name needs.");
const noName = refusal("bad-message", "A name has at least one character that can be seen.");

function visitorOf({ identify }: UsernameContext, c: Context) {
  return identify((name) => c.req.header(name));
}

/** Where the visitor came from, on this host: Orange lets itself be sent anywhere. */
function returnPath(c: Context): string {
  const own = new URL(c.req.url);
  const asked = own.searchParams.get("return-url") ?? "/";
  if (!URL.canParse(asked, own.href)) return "/";
  const { origin, pathname, search, hash } = new URL(asked, own);
  // A path of two slashes would be another host's.
  return origin === own.origin && !pathname.startsWith("//") ? `${pathname}${search}${hash}` : "/";
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Eight of 64 letters, as Orange's own. */
function newRoomName(): string {
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => letters[byte & 63]).join("");
}

/** For who comes without a page of their own. */
function page(url: string) {
  const { pathname, search } = new URL(url);
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width" />
      <meta name="color-scheme" content="light dark" />
      <title>Your name</title>
      <form method="post" action="${pathname}${search}">
        <label>Your name <input name="username" required maxlength="128" autocomplete="name" autofocus /></label>
        <button>Continue</button>
      </form>
    </html>`;
}
