/**
 * The built page: files with a hash in their name are kept for ever, the page itself is asked for each time.
 *
 * Every path a person can stand on (`/`, `/r/…`) is the same page; the page reads the path.
 */
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono, type MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";

/** `folder` holds index.html and assets/. */
export function pageRoutes(folder: string): Hono {
  const app = new Hono();
  app.use(headers);
  app.use("/assets/*", kept("public, max-age=31536000, immutable"));
  app.use(kept("no-cache"));
  const index = serveStatic({ root: folder, path: "index.html" });
  app.get("/", index);
  app.get("/r/*", index);
  app.get("*", serveStatic({ root: folder }));
  return app;
}

/** How long a browser may keep what was found; the outermost rule has the last word. */
function kept(rule: string): MiddlewareHandler {
  return async (c, next) => {
    await next();
    if (c.res.ok) c.header("Cache-Control", rule);
  };
}

const headers = secureHeaders({
  // The meeting app speaks to its own host only. Styles are also set on elements by the component library.
  contentSecurityPolicy: {
    defaultSrc: ["'self'"],
    baseUri: ["'none'"],
    connectSrc: ["'self'"],
    fontSrc: ["'self'", "data:"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
    imgSrc: ["'self'", "data:", "blob:"],
    mediaSrc: ["'self'", "blob:"],
    objectSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    workerSrc: ["'self'", "blob:"],
  },
  permissionsPolicy: { camera: ["self"], microphone: ["self"], displayCapture: ["self"], geolocation: [] },
  referrerPolicy: "same-origin",
  // TLS is the business of whoever terminates it; on localhost the header would lock people out of other services.
  strictTransportSecurity: false,
  xFrameOptions: "DENY",
});
