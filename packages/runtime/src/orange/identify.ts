/** Who a request is from: by a header that a proxy in front has set, if one is trusted, or by the session cookie. */
import { nameIn } from "@satsuma/protocol";
import { parse } from "hono/utils/cookie";
import { type Sessions, sessionCookie } from "./session.ts";
import type { Visitor } from "./visitor.ts";

export interface IdentifySettings {
  readonly sessions: Sessions;
  /**
   * A header with the visitor's name, such as `cf-access-authenticated-user-email`. Anybody can send one, so it may be
   * named only if whatever stands in front takes it away from who is not authenticated. None by default.
   */
  readonly nameHeader?: string | undefined;
}

export type Identify = (header: (name: string) => string | undefined) => Promise<Visitor | undefined>;

export function identifyBy({ sessions, nameHeader }: IdentifySettings): Identify {
  return async (header) => {
    const trusted = nameHeader === undefined ? undefined : header(nameHeader);
    const name = trusted === undefined ? undefined : nameIn(trusted);
    if (name !== undefined) return { name, person: `header ${name}`, since: 0 };
    return sessions.read(parse(header("cookie") ?? "", sessionCookie)[sessionCookie]);
  };
}
