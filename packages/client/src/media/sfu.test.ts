/** What the client makes of answers over HTTP, from a server that gives just these. */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { errors } from "@satsuma/protocol";
import { afterEach, expect, test } from "vitest";
import { isRefusal, isSessionGone, Sfu, SfuError } from "./sfu.ts";

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function answering(answer: (response: ServerResponse, method: string) => void): Promise<Sfu> {
  const started = createServer(({ method = "" }, response) => answer(response, method));
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const { port } = started.address() as AddressInfo;
  const token = { current: "t", renew: () => Promise.resolve(false) };
  return new Sfu({ base: `http://127.0.0.1:${port}/rooms/garden`, token });
}

const first = { push: { tracks: [] } };

test("a proxy that answers in the media server's place with a page is nobody reached", async () => {
  const sfu = await answering((response) => {
    response.writeHead(502, { "content-type": "text/html" }).end("<html>\r\n<h1>Bad gateway</h1>\r\n</html>\r\n");
  });
  const answers = await sfu.begin(first);
  await expect(answers.session()).rejects.toMatchObject({ code: "unreachable", status: 0 });
  await expect(sfu.inspect("s")).rejects.toMatchObject({ code: "unreachable", status: 0 });
});

test("a refusal of the request as a whole keeps its code", async () => {
  const sfu = await answering((response) => {
    response.writeHead(409).end(JSON.stringify({ errorCode: "limit-reached", errorDescription: "No more." }));
  });
  await expect((await sfu.begin(first)).session()).rejects.toMatchObject({ code: "limit-reached", status: 409 });
});

test("who may not send what the first push holds still has the session, and may go on with it", async () => {
  const steps = [
    { step: "session", status: 201, body: { sessionId: "s" } },
    { step: "push", status: 403, body: { errorCode: "not-allowed", errorDescription: "You may not publish that." } },
  ];
  const sfu = await answering((response) => response.end(steps.map((step) => `${JSON.stringify(step)}\n`).join("")));
  const answers = await sfu.begin(first);
  expect(await answers.session()).toEqual({ sessionId: "s" });
  const thrown = await answers.push().catch((error: unknown) => error);
  expect(isRefusal(thrown)).toBe(true);
});

const answered = (code: keyof typeof errors) => new SfuError(code, errors[code].status, "No.");

test("a missing grant is a refusal and leaves the session as it is", () => {
  const missing = answered("not-allowed");
  expect(isSessionGone(missing)).toBe(false);
  expect(isRefusal(missing)).toBe(true);
});

test("a session that is not one's own any more is gone, as is one that the media server has ended", () => {
  for (const code of ["not-your-session", "session_error", "not_found"] as const) {
    expect(isSessionGone(answered(code)), code).toBe(true);
    expect(isRefusal(answered(code)), code).toBe(false);
  }
});
