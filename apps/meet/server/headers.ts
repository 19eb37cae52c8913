/** What every answer of this process tells a browser to refuse. */
import { secureHeaders } from "hono/secure-headers";

export const securityHeaders = secureHeaders({
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
    // Effects are WebAssembly, which a page may compile only with a word of its own; text as a program stays forbidden.
    scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    workerSrc: ["'self'", "blob:"],
  },
  permissionsPolicy: { camera: ["self"], microphone: ["self"], displayCapture: ["self"], geolocation: [] },
  referrerPolicy: "same-origin",
  // TLS is the business of whoever terminates it; on localhost the header would lock people out of other services.
  strictTransportSecurity: false,
  xFrameOptions: "DENY",
});
