import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { AnswerFailure, TransportFailure } from "./failure.ts";
import { request } from "./request.ts";
import { backoff, type RetryPolicy } from "./retry.ts";

const servers: Server[] = [];
const soon: RetryPolicy = { delay: (attempt) => (attempt <= 3 ? 1 : undefined) };

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

test("sends JSON with its type, headers and query, and gives status and body of any answer", async () => {
  const { url, seen } = await serve((_, response) => response.writeHead(418).end('{"a":[1]}'));
  const answer = await request({
    operation: "test",
    method: "PUT",
    url: `${url}/path?kept=1`,
    query: { added: "ä&b" },
    headers: { authorization: "Bearer x" },
    body: { text: "é" },
  });
  expect(answer).toEqual({ status: 418, body: { a: [1] } });
  expect(seen).toEqual([
    {
      method: "PUT",
      url: "/path?kept=1&added=%C3%A4%26b",
      type: "application/json",
      authorization: "Bearer x",
      body: '{"text":"é"}',
    },
  ]);
});

test("a request without body has none, nor a content type; an empty answer has no body either", async () => {
  const { url, seen } = await serve((_, response) => response.writeHead(204).end());
  expect(await request({ operation: "test", method: "POST", url })).toEqual({ status: 204, body: undefined });
  expect(seen[0]).toMatchObject({ type: undefined, body: "" });
});

describe("fails, naming the operation and no secret, when", () => {
  test("the answer is not JSON", async () => {
    const { url } = await serve((_, response) => response.writeHead(502).end("<html>Bad Gateway"));
    const failure = await failureOf(request({ operation: "calls renew", method: "GET", url }));
    expect(failure).toBeInstanceOf(AnswerFailure);
    expect(failure).toMatchObject({
      status: 502,
      operation: "calls renew",
      message: "calls renew: answered 502 without JSON",
    });
  });

  test("no answer comes in time", async () => {
    const { url } = await serve(() => {});
    const failure = await failureOf(
      request({ operation: "op", method: "GET", url: `${url}/?token=hidden`, timeout: 50 }),
    );
    expect(failure).toBeInstanceOf(TransportFailure);
    expect(failure).toMatchObject({ reason: "timeout" });
    expect(failure.message).not.toContain("hidden");
  });

  test("the head comes in time but the body does not", async () => {
    const { url } = await serve((_, response) => response.writeHead(200).write("{"));
    expect(await failureOf(request({ operation: "op", method: "GET", url, timeout: 50 }))).toMatchObject({
      reason: "timeout",
    });
  });

  test("a fetch that heeds no signal never answers", async () => {
    const endless = () => new Promise<Response>(() => {});
    const options = { operation: "op", method: "GET", url: "http://in-process/", fetch: endless } as const;
    expect(await failureOf(request({ ...options, timeout: 20 }))).toMatchObject({ reason: "timeout" });
    const aborted = failureOf(request({ ...options, signal: AbortSignal.timeout(20) }));
    expect(await aborted).toMatchObject({ reason: "aborted" });
  });

  test("the caller gives up, before or while it waits", async () => {
    const { url, seen } = await serve(() => {});
    const given = await failureOf(request({ operation: "op", method: "GET", url, signal: AbortSignal.abort() }));
    expect(given).toMatchObject({ reason: "aborted" });
    expect(seen).toHaveLength(0);
    const controller = new AbortController();
    const waiting = failureOf(request({ operation: "op", method: "GET", url, signal: controller.signal, retry: soon }));
    controller.abort();
    expect(await waiting).toMatchObject({ reason: "aborted" });
  });

  test("nobody listens, and when the connection breaks", async () => {
    const { url, server } = await serve((message) => message.socket.destroy());
    expect(await failureOf(request({ operation: "op", method: "GET", url }))).toMatchObject({ reason: "network" });
    await new Promise((resolve) => server.close(resolve));
    expect(await failureOf(request({ operation: "op", method: "GET", url }))).toMatchObject({ reason: "network" });
  });
});

test("a redirect is an answer and is not followed: what was sent stays with the server it was meant for", async () => {
  const elsewhere = await serve((_, response) => response.end("{}"));
  const { url } = await serve((_, response) => response.writeHead(307, { location: elsewhere.url }).end("{}"));
  const answer = await request({
    operation: "op",
    method: "POST",
    url,
    headers: { authorization: "Bearer x" },
    body: {},
  });
  expect(answer.status).toBe(307);
  expect(elsewhere.seen).toHaveLength(0);
});

describe("repeats", () => {
  test("nothing unless it was given a policy", async () => {
    const { url, seen } = await serve((_, response) => response.writeHead(503).end("{}"));
    expect((await request({ operation: "op", method: "POST", url })).status).toBe(503);
    expect(seen).toHaveLength(1);
  });

  test.each([429, 500, 503])("status %i until it gets better", async (status) => {
    const { url, seen } = await serve((_, response, count) => response.writeHead(count < 3 ? status : 200).end("{}"));
    expect((await request({ operation: "op", method: "GET", url, retry: soon })).status).toBe(200);
    expect(seen).toHaveLength(3);
  });

  test("and then gives the last answer", async () => {
    const { url, seen } = await serve((_, response) => response.writeHead(500).end('{"n":1}'));
    expect(await request({ operation: "op", method: "GET", url, retry: soon })).toEqual({
      status: 500,
      body: { n: 1 },
    });
    expect(seen).toHaveLength(3);
  });

  test("broken connections, timeouts and gateways that answer in HTML", async () => {
    const { url } = await serve((message, response, count) => {
      if (count === 1) message.socket.destroy();
      else if (count === 2) response.writeHead(502).end("<html>");
      else response.end('"well"');
    });
    expect((await request({ operation: "op", method: "GET", url, retry: soon })).body).toBe("well");
  });

  test.each([400, 401, 404, 410])("never status %i", async (status) => {
    const { url, seen } = await serve((_, response) => response.writeHead(status).end("{}"));
    await request({ operation: "op", method: "GET", url, retry: soon });
    expect(seen).toHaveLength(1);
  });

  test("not after the caller gave up in the pause", async () => {
    const { url, seen } = await serve((_, response) => response.writeHead(500).end("{}"));
    const controller = new AbortController();
    const retry: RetryPolicy = {
      delay: () => {
        controller.abort();
        return 60_000;
      },
    };
    const options = { operation: "op", method: "GET", url, retry, signal: controller.signal } as const;
    expect(await failureOf(request(options))).toMatchObject({ reason: "aborted" });
    expect(seen).toHaveLength(1);
  });
});

test("delays double between half and whole, up to the longest, for as many attempts as allowed", () => {
  const policy = backoff({ attempts: 5, first: 100, longest: 300 });
  expect([2, 3, 4, 5, 6].map((attempt) => policy.delay(attempt, () => 1))).toEqual([100, 200, 300, 300, undefined]);
  expect([2, 3, 4, 5, 6].map((attempt) => policy.delay(attempt, () => 0))).toEqual([50, 100, 150, 150, undefined]);
});

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly type: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}

async function serve(answer: (message: IncomingMessage, response: ServerResponse, count: number) => unknown) {
  const seen: Seen[] = [];
  const server = createServer(async (message, response) => {
    let body = "";
    for await (const chunk of message.setEncoding("utf8")) body += chunk;
    const { method, url, headers } = message;
    seen.push({ method, url, type: headers["content-type"], authorization: headers.authorization, body });
    answer(message, response, seen.length);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, server };
}

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("It did not fail.");
}
