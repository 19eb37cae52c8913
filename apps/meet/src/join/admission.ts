/**
 * Getting into a room: a token from the host, and what this tab remembers of it.
 *
 * The token is kept for the tab only, so that a reload brings the same participant back and a second tab is another one.
 */
import type { IceGrant, RoomOptions } from "@satsuma/client";
import { type ErrorCode, errors, RefusedError, type TokenRequest, type TokenResponse } from "@satsuma/protocol";
import { Ahead } from "./ahead.ts";

interface Remembered {
  readonly token: string;
  /** Whether the tab was in the call, so that a reload goes straight back into it. */
  readonly inCall: boolean;
}

/** Milliseconds for which a token asked for in the lobby is used: longer than people hesitate, and far below its life. */
const freshFor = 300_000;
const ahead = new Ahead<TokenResponse>(freshFor);

/** Asks for the token of somebody who is about to join, so that joining does not wait for it. It costs the host nothing. */
export function prepareAdmission(room: string, name: string): void {
  ahead.prepare(keyFor(room, name), performance.now(), () => ownToken(room, name));
}

async function admission(room: string, name: string): Promise<TokenResponse> {
  const admitted = await ahead.take(keyFor(room, name), performance.now(), () => ownToken(room, name));
  remember(room, { token: admitted.token, inCall: true });
  return admitted;
}

function ownToken(room: string, name: string): Promise<TokenResponse> {
  const previous = remembered(room)?.token;
  return requestToken(room, { name, ...(previous === undefined ? {} : { previous }) });
}

/** A line break is in no name. */
function keyFor(room: string, name: string): string {
  return `${room}\n${name}`;
}

/**
 * What a room asks its host for: tokens, and the relay that is told with them. The relay of the first token is the first
 * one; its credentials are renewed with another token.
 */
export function admissions(room: string, name: string): Pick<RoomOptions, "token" | "iceServers"> {
  const first = Promise.withResolvers<TokenResponse>();
  let renewing = false;
  return {
    async token() {
      const admitted = await admission(room, name);
      first.resolve(admitted);
      return admitted.token;
    },
    async iceServers() {
      const { relay } = renewing ? await admission(room, name) : await first.promise;
      renewing = true;
      return grantOf(relay);
    },
  };
}

/** The servers of a token's answer as a room takes them; without a relay there are none, and nothing to renew. */
export function grantOf(relay: TokenResponse["relay"]): IceGrant {
  if (relay === undefined) return { iceServers: [] };
  return { iceServers: relay.iceServers.map((server) => server as RTCIceServer), ttl: relay.ttl };
}

/** Asks the host for a token and remembers nothing. */
export async function requestToken(room: string, body: TokenRequest): Promise<TokenResponse> {
  const response = await fetch(`/api/rooms/${encodeURIComponent(room)}/tokens`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw refusedBy(answer);
  return answer as TokenResponse;
}

/** Whether this tab was in the room's call when the page was last unloaded. */
export function wasInCall(room: string): boolean {
  return remembered(room)?.inCall ?? false;
}

/** The person left: a reload shows the lobby. The participant is still theirs. */
export function noteLeft(room: string): void {
  const known = remembered(room);
  if (known) remember(room, { ...known, inCall: false });
}

function remembered(room: string): Remembered | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(keyOf(room)) ?? "null");
    if (typeof kept !== "object" || kept === null) return undefined;
    const { token, inCall } = kept as Partial<Remembered>;
    return typeof token === "string" ? { token, inCall: inCall === true } : undefined;
  } catch {
    return undefined;
  }
}

function remember(room: string, what: Remembered): void {
  try {
    sessionStorage.setItem(keyOf(room), JSON.stringify(what));
  } catch {
    // Without storage a reload comes back as somebody new.
  }
}

function keyOf(room: string): string {
  return `satsuma.room.${room}`;
}

function refusedBy(answer: unknown): RefusedError {
  const code = typeof answer === "object" && answer !== null && "code" in answer ? String(answer.code) : "";
  return Object.hasOwn(errors, code)
    ? new RefusedError(code as ErrorCode, "The host gave no token.")
    : new RefusedError("internal", "The host did not answer as agreed.");
}
