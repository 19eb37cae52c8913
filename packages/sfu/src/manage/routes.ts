/**
 * Management over HTTP, in the shape of Cloudflare's: `/client/v4/accounts/:account/calls/apps` and `…/turn_keys`.
 *
 * One server is one account, so the account in the path may be anything. `PUT …/:uid/secret` is ours: it rotates.
 */
import {
  type Envelope,
  errors,
  type ManagedKey,
  parseKeyRequest,
  parseRotateRequest,
  RefusedError,
  refusalOf,
  unwrap,
} from "@satsuma/protocol";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { bearerOf } from "../api/bearer.ts";
import { sameSecret } from "../api/secret.ts";
import type { Key, KeyKind, Keys } from "./keys.ts";

export interface ManageOptions {
  readonly keys: Keys;
  /** Opens all of this. */
  readonly token: string;
  /** An app or a TURN key is gone: what it opened must end. */
  readonly onRemoved: (kind: KeyKind, uid: string) => void;
  readonly onError: (error: unknown) => void;
}

interface Resource {
  readonly path: string;
  readonly kind: KeyKind;
  /** The field that shows the secret, once. */
  readonly shown: "secret" | "key";
}

const resources: readonly Resource[] = [
  { path: "apps", kind: "app", shown: "secret" },
  { path: "turn_keys", kind: "turn", shown: "key" },
];

/** Bytes; a name is all that is ever sent. */
const largestBody = 4_096;
/** What Cloudflare's API says to a wrong token; its other numbers are its own, so ours are the HTTP status. */
const authenticationError = 10_000;

export function manageRoutes({ keys, token, onRemoved, onError }: ManageOptions): Hono {
  const routes = new Hono().basePath("/client/v4");
  routes.use(async (c, next) => {
    const bearer = bearerOf(c.req.header("authorization"));
    if (bearer === undefined || !sameSecret(bearer, token)) {
      return fail(c, 401, "The management token is wrong.", authenticationError);
    }
    return next();
  });
  routes.use(bodyLimit({ maxSize: largestBody, onError: (c) => fail(c, 413, "The body is too large.") }));

  for (const { path, kind, shown } of resources) {
    const all = `/accounts/:account/calls/${path}` as const;
    const one = `${all}/:uid` as const;
    routes.post(all, async (c) => {
      const { name = "" } = unwrap(parseKeyRequest(await c.req.text()));
      const { key, secret } = keys.create(kind, name);
      return succeed(c, { ...plain(key), [shown]: secret }, 201);
    });
    routes.get(all, (c) => succeed(c, keys.list(kind).map(plain)));
    routes.get(one, (c) => succeed(c, plain(found(keys.get(kind, c.req.param("uid"))))));
    routes.put(one, async (c) => {
      const { name } = unwrap(parseKeyRequest(await c.req.text()));
      const uid = c.req.param("uid");
      return succeed(c, plain(found(name === undefined ? keys.get(kind, uid) : keys.rename(kind, uid, name))));
    });
    routes.put(`${one}/secret`, async (c) => {
      const { overlap = 0 } = unwrap(parseRotateRequest(await c.req.text()));
      const { key, secret } = found(keys.rotate(kind, c.req.param("uid"), overlap));
      return succeed(c, { ...plain(key), [shown]: secret });
    });
    routes.delete(one, (c) => {
      const uid = c.req.param("uid");
      const key = found(keys.get(kind, uid));
      keys.remove(kind, uid);
      onRemoved(kind, uid);
      return succeed(c, plain(key));
    });
  }

  routes.all("*", (c) => fail(c, 404, "There is no such endpoint, or not with this method."));
  routes.onError((error, c) => {
    const { code, message } = refusalOf(error);
    if (code === "internal") onError(error);
    return fail(c, errors[code].status, message);
  });
  return routes;
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new RefusedError("not_found", "There is none with this id.");
  return value;
}

function plain({ uid, name, created, modified }: Key): ManagedKey {
  return { uid, name, created, modified };
}

function succeed(c: Context, result: ManagedKey | ManagedKey[], status: 200 | 201 = 200): Response {
  return c.json(
    { success: true, errors: [], messages: [], result } satisfies Envelope<ManagedKey | ManagedKey[]>,
    status,
  );
}

type Failure = (typeof errors)[keyof typeof errors]["status"];

function fail(c: Context, status: Failure, message: string, code: number = status): Response {
  const body: Envelope<never> = { success: false, errors: [{ code, message }], messages: [], result: null };
  return c.json(body, status);
}
