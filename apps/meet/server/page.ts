/**
 * The built page: files with a hash in their name are kept for ever, the page itself is asked for each time.
 *
 * Every path a person can stand on (`/`, `/r/…`) is the same page; the page reads the path. A path that leads nowhere is the
 * page too when a person went there, which then says so in their language; programs get the server's own refusal.
 */
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono, type MiddlewareHandler } from "hono";

/** `folder` holds index.html and assets/. */
export function pageRoutes(folder: string): Hono {
  const app = new Hono();
  app.use("/assets/*", kept("public, max-age=31536000, immutable"));
  app.use(kept("no-cache"));
  const index = serveStatic({ root: folder, path: "index.html" });
  app.get("/", index);
  app.get("/r/*", index);
  // What is large lies there compressed too.
  app.get("*", serveStatic({ root: folder, precompressed: true }));
  app.get("*", async (c, next) => {
    if (!isNavigation(c.req.header("accept"))) return next();
    const page = await index(c, next);
    return page instanceof Response ? new Response(page.body, { status: 404, headers: page.headers }) : page;
  });
  return app;
}

/** Only a browser that is to show a page asks for HTML by name; `fetch` and images say that anything will do. */
function isNavigation(accept = ""): boolean {
  return accept.includes("text/html");
}

/** How long a browser may keep what was found; the outermost rule has the last word. */
function kept(rule: string): MiddlewareHandler {
  return async (c, next) => {
    await next();
    if (c.res.ok) c.header("Cache-Control", rule);
  };
}
