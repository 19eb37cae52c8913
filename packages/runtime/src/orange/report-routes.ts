/** Orange's routes for what people say of their calls; `reports.ts` keeps it. */
import type { Handle, Json } from "@satsuma/durable";
import { refusal } from "@satsuma/protocol";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { html } from "hono/html";
import type { Identify } from "./identify.ts";
import type { Pace } from "./pace.ts";
import { refuse } from "./reply.ts";
import type { Report, ReportQuestion, ReportsObject } from "./reports.ts";
import type { Visitor } from "./visitor.ts";

export interface ReportContext {
  readonly reports: Pick<Handle<ReportsObject>, "ask">;
  readonly identify: Identify;
  /** Reports of one person. */
  readonly pace: Pace;
}

type Caller = { Variables: { visitor: Visitor } };

/** The largest is a bug report with a hundred Calls requests and their descriptions. */
const mostBytes = 1_048_576;

export function reportRoutes(context: ReportContext): Hono<Caller> {
  const app = new Hono<Caller>();
  const named = async (c: Context<Caller>, next: () => Promise<void>) => {
    const visitor = await context.identify((name) => c.req.header(name));
    if (!visitor) return refuse(c, refusal("unauthorized", "Only who has a name may report."));
    if (!context.pace.take(visitor.person)) return refuse(c, tooMany);
    c.set("visitor", visitor);
    return next();
  };
  const bounded = bodyLimit({ maxSize: mostBytes, onError: (c) => refuse(c, tooLarge) });

  app.post("/api/bugReport", named, bounded, async (c) => {
    const userAgent = c.req.header("user-agent");
    const { info, description } = await c.req.parseBody();
    const read = typeof info === "string" ? jsonOf(info) : undefined;
    if (userAgent === undefined || typeof description !== "string" || !isRecord(read)) return refuse(c, incomplete);
    const body = { description, userAgent, url: read.url ?? null, room: read.roomName ?? null };
    await keep(context, { kind: "bug", from: c.var.visitor.name, body }, read);
    return c.json({ status: "ok" });
  });
  app.post("/api/deadTrack", named, bounded, async (c) => {
    const body = jsonOf(await c.req.text());
    if (!isRecord(body) || typeof body.trackId !== "string") return refuse(c, incomplete);
    await keep(context, { kind: "dead-track", from: c.var.visitor.name, body });
    return c.json({ status: "ok" });
  });
  app.post("/api/reportRefresh", named, async (c) => {
    await keep(context, { kind: "refresh", from: c.var.visitor.name, body: null });
    return c.body(null, 201);
  });
  app.get("/api/debugInfo", async (c) => {
    const id = c.req.query("id");
    if (id === undefined || id.length > 64) return refuse(c, refusal("bad-message", "An id is needed."));
    const found = (await ask(context, { ask: "debug", id })) as Json | undefined;
    return found === undefined ? refuse(c, refusal("not-found", "Nothing is kept under this id.")) : c.json(found);
  });
  app.get("/call-quality-feedback", (c) => c.html(page(c.req.query("meetingId") ?? "")));
  app.post("/call-quality-feedback", named, bounded, async (c) => {
    const { experiencedIssues, meetingId } = await c.req.parseBody();
    if (typeof experiencedIssues !== "string" || typeof meetingId !== "string") return refuse(c, incomplete);
    const body = {
      meetingId: meetingId.slice(0, 128),
      experiencedIssues: /^(true|1|yes|on)$/i.test(experiencedIssues),
    };
    await keep(context, { kind: "feedback", from: c.var.visitor.name, body });
    return c.redirect("/", 302);
  });
  return app;
}

const tooMany = refusal("too-many-requests", "These are more reports than one person may make.");
const tooLarge = refusal("too-large", `A report may have ${mostBytes} bytes at the most.`);
const incomplete = refusal("bad-message", "The report lacks a field, or one is not what it should be.");

function ask({ reports }: ReportContext, question: ReportQuestion): Promise<unknown> {
  return reports.ask(question);
}

async function keep(context: ReportContext, report: Omit<Report, "at">, debug?: Json): Promise<void> {
  await ask(context, { ask: "keep", report, ...(debug !== undefined && { debug }) });
}

function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** For who comes without a page of their own. */
function page(meeting: string) {
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width" />
      <meta name="color-scheme" content="light dark" />
      <title>How was your call?</title>
      <form method="post">
        <p>Did you have any trouble with your call?</p>
        <input type="hidden" name="meetingId" value="${meeting}" />
        <button name="experiencedIssues" value="true">Yes</button>
        <button name="experiencedIssues" value="false">No</button>
      </form>
    </html>`;
}
