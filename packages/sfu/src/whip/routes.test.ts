import { beforeEach, describe, expect, test } from "vitest";
import { offer } from "../../test/descriptions.ts";
import { World } from "../../test/world.ts";
import { createApi } from "../api/app.ts";
import type { StreamTokens } from "./tokens.ts";

const secret = "secret-of-the-app-that-opens-everything";
const fragmentType = "application/trickle-ice-sdpfrag";
const { sdp } = offer([
  { mid: "0", kind: "audio" },
  { mid: "1", kind: "video" },
]);
const ufrag = /a=ice-ufrag:(\S+)/.exec(sdp)?.[1];
const fragment = [
  `a=ice-ufrag:${ufrag}`,
  "a=ice-pwd:0123456789012345678901",
  "m=audio 9 UDP/TLS/RTP/SAVPF 0",
  "a=mid:0",
  "a=candidate:1 1 UDP 2122260223 192.0.2.7 4321 typ host",
  "a=candidate:2 1 UDP 2122260223 some-name.local 4321 typ host",
  "",
].join("\r\n");
/** A token is the words that it grants. */
const tokens: StreamTokens = {
  issue: async (...grant) => grant.join("/"),
  admits: async (token, ...grant) => token.startsWith(`${grant.join("/")}/`),
};

let world = new World();
let errors: unknown[] = [];
let api = createApi(world.sfu, { apps: [], onError: () => {} });

beforeEach(() => {
  world = new World();
  errors = [];
  api = createApi(world.sfu, {
    apps: [
      { id: "app", secret },
      { id: "other", secret: `${secret}2` },
    ],
    whip: { tokens, iceServers: async () => [{ urls: ["stun:s.example"] }] },
    onError: (error) => errors.push(error),
  });
});

describe("publishing", () => {
  test("answers with description, resource, tag and servers", async () => {
    const { status, headers, text } = await post("whip/camera");
    expect(status).toBe(201);
    expect(headers.get("content-type")).toBe("application/sdp");
    expect(headers.get("location")).toMatch(/^\/v1\/apps\/app\/whip\/camera\/[0-9a-f]{32}$/);
    expect(headers.get("etag")).toMatch(/^"[0-9a-f]+"$/);
    expect(headers.get("link")).toBe('<stun:s.example>; rel="ice-server"');
    expect(headers.get("access-control-expose-headers")?.toLowerCase()).toContain("location");
    expect(text).toContain("a=recvonly");
  });

  test("ends on DELETE, once, and its players with it", async () => {
    const { location } = await post("whip/camera");
    connect();
    await post("whep/camera", receiving());
    expect(world.sfu.sessionCount).toBe(2);
    expect((await call("DELETE", location)).status).toBe(200);
    expect(world.sfu.sessionCount).toBe(0);
    expect((await call("DELETE", location)).status).toBe(404);
    expect((await post("whep/camera", receiving())).status).toBe(404);
  });

  test("again under the same name ends the one before", async () => {
    const { location } = await post("whip/camera");
    const second = await post("whip/camera");
    expect(world.sfu.sessionCount).toBe(1);
    expect((await call("DELETE", location)).status).toBe(404);
    expect((await call("DELETE", second.location)).status).toBe(200);
  });

  test("is forgotten when its connection ends", async () => {
    const { location } = await post("whip/camera");
    world.wires[0]?.enter("closed");
    expect((await call("DELETE", location)).status).toBe(404);
    expect((await post("whep/camera", receiving())).status).toBe(404);
  });

  test.each([
    [415, "unsupported_content", "no SDP by its type", sdp, "application/json"],
    [406, "invalid_session_description", "no SDP by its content", "hello", "application/sdp"],
    [406, "invalid_session_description", "an offer that sends nothing", receiving(), "application/sdp"],
    [413, "payload_too_large", "more than a body may have", "v=0\r\n".padEnd(1_100_000, "x"), "application/sdp"],
  ])("refuses with %i %s %s, and leaves no session", async (status, errorCode, _, body, type) => {
    const answer = await call("POST", "/v1/apps/app/whip/camera", { body, type });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({ errorCode });
    expect(world.sfu.sessionCount).toBe(0);
    expect(errors).toEqual([]);
  });
});

describe("trickle ICE", () => {
  test("takes addresses, not names, with the right tag", async () => {
    const { location, tag } = await post("whip/camera");
    expect((await patch(location, fragment, tag)).status).toBe(204);
    expect(world.wires[0]?.learned).toEqual([expect.stringContaining(" 192.0.2.7 4321 typ host")]);
  });

  test.each([
    [428, "precondition_required", "without a tag", fragment, undefined, fragmentType],
    [412, "precondition_failed", "with another tag", fragment, '"0"', fragmentType],
    [422, "ice_restart_refused", "that restarts by its tag", fragment, "*", fragmentType],
    [
      422,
      "ice_restart_refused",
      "that restarts by its ufrag",
      fragment.replace(String(ufrag), "fresh"),
      "own",
      fragmentType,
    ],
    [400, "decoding_error", "without a ufrag", "a=mid:0\r\n", "own", fragmentType],
    [415, "unsupported_content", "of another type", fragment, "own", "text/plain"],
    [415, "unsupported_content", "that is an answer to nothing", sdp, "own", "application/sdp"],
  ])("is refused with %i %s %s", async (status, errorCode, _, body, given, type) => {
    const { location, tag } = await post("whip/camera");
    const refused = await patch(location, body, given === "own" ? tag : given, type);
    expect(refused.status).toBe(status);
    expect(JSON.parse(refused.text)).toMatchObject({ errorCode });
    expect(world.wires[0]?.learned).toEqual([]);
  });

  test("of a resource that is not there is 404, also under another name or door", async () => {
    const { location, tag } = await post("whip/camera");
    for (const wrong of [
      location.replace("camera", "other"),
      location.replace("whip", "whep"),
      location.replace(/.{4}$/, "ffff"),
    ]) {
      expect((await patch(wrong, fragment, tag)).status).toBe(404);
    }
  });
});

describe("a bearer", () => {
  test("of a token may do what it says, with that stream only", async () => {
    const made = await call("POST", "/v1/apps/app/whip/camera/tokens", { body: '{"ttl":60}' });
    expect(made.status).toBe(201);
    const { token, ttl } = JSON.parse(made.text);
    expect(ttl).toBe(60);
    expect((await post("whip/camera", sdp, token)).status).toBe(201);
    for (const path of ["whip/other", "whep/camera"]) expect((await post(path, sdp, token)).status).toBe(401);
    const again = await call("POST", "/v1/apps/app/whip/camera/tokens", { body: "", bearer: token });
    expect(again.status).toBe(401);
  });

  test.each(["", "wrong", `${secret}2`])("of %j is told nothing", async (bearer) => {
    const answer = await post("whip/camera", sdp, bearer);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  });

  test.each(["{", '{"ttl":0}', '{"ttl":1.5}', '{"ttl":99999999}', '{"ttl":"1"}'])(
    "asks for a token in vain with %s",
    async (body) => {
      const { status } = await call("POST", "/v1/apps/app/whip/camera/tokens", { body });
      expect([400, 406]).toContain(status);
    },
  );
});

test("a page of any origin is told what it may send", async () => {
  for (const path of ["whip/camera", "whep/camera", "whip/camera/0123"]) {
    const headers = { origin: "https://page.example", "access-control-request-method": "POST" };
    const response = await api.fetch(new Request(`http://sfu/v1/apps/app/${path}`, { method: "OPTIONS", headers }));
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-allow-headers")?.toLowerCase()).toContain("if-match");
    expect(response.headers.get("accept-post")).toBe("application/sdp");
  }
});

test("methods that mean nothing are 405", async () => {
  const { location } = await post("whip/camera");
  for (const [method, path] of [
    ["GET", "/v1/apps/app/whip/camera"],
    ["PUT", "/v1/apps/app/whep/camera"],
    ["GET", location],
    ["POST", location],
    ["PUT", location],
  ] as const) {
    expect((await call(method, path)).status).toBe(405);
  }
});

test("a player without an offer gets one, and its answer is taken once", async () => {
  await post("whip/camera");
  connect();
  const offered = await call("POST", "/v1/apps/app/whep/camera", { body: "" });
  expect(offered.status).toBe(201);
  expect(offered.text).toContain("a=sendonly");
  const answer = receiving().replace(/a=setup:\w+/g, "a=setup:active");
  expect((await patch(offered.location, answer, undefined, "application/sdp")).status).toBe(204);
  expect((await patch(offered.location, answer, undefined, "application/sdp")).status).toBe(406);
});

test("a stream of one app is not there for another", async () => {
  await post("whip/camera");
  const answer = await call("POST", "/v1/apps/other/whep/camera", { body: receiving(), bearer: `${secret}2` });
  expect(answer.status).toBe(404);
});

/** The transports so far are connected, and the publisher's packets come. */
function connect(): void {
  for (const wire of world.wires) wire.enter("connected");
}

function receiving(): string {
  return sdp.replace(/a=(sendonly|sendrecv)/g, "a=recvonly");
}

function post(path: string, body = sdp, bearer = secret) {
  return call("POST", `/v1/apps/app/${path}`, { body, bearer });
}

function patch(path: string, body: string, tag: string | undefined, type = fragmentType) {
  return call("PATCH", path, { body, type, ...(tag !== undefined && { tag }) });
}

interface Given {
  readonly body?: string;
  readonly type?: string;
  readonly tag?: string;
  readonly bearer?: string;
}

async function call(
  method: string,
  path: string,
  { body, type = "application/sdp", tag, bearer = secret }: Given = {},
) {
  const headers = {
    "content-type": type,
    ...(tag !== undefined && { "if-match": tag }),
    ...(bearer !== "" && { authorization: `Bearer ${bearer}` }),
  };
  const init = { method, headers, ...(body !== undefined && body !== "" && { body }) };
  const response = await api.fetch(new Request(`http://sfu${path}`, init));
  return {
    status: response.status,
    headers: response.headers,
    text: await response.text(),
    location: response.headers.get("location") ?? "",
    tag: response.headers.get("etag") ?? "",
  };
}
