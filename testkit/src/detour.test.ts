import { expect, test } from "vitest";
import { detour } from "./detour.ts";

const sdp = (...lines: string[]) => ["v=0", ...lines, ""].join("\r\n");
const candidate = (port: number) => `a=candidate:1 1 UDP 2130706431 127.0.0.1 ${port} typ host`;
const asked = (text: string) =>
  new Request("http://sfu/tracks/new", {
    method: "POST",
    headers: { authorization: "Bearer s", "content-length": "1" },
    body: JSON.stringify({ tracks: [1], sessionDescription: { type: "offer", sdp: text } }),
  });

/** An API that answers with what it was asked, and with a candidate of its own. */
const api = async (request: Request) => {
  const { sessionDescription, ...rest } = (await request.json()) as { sessionDescription: { sdp: string } };
  const answer = { type: "answer", sdp: `${sessionDescription.sdp}${candidate(8788)}\r\n` };
  const body = { ...rest, bearer: request.headers.get("authorization"), sessionDescription: answer };
  expect(request.headers.has("content-length")).toBe(false);
  return Response.json(body, { status: 201 });
};

test("the SFU hears of no address of the peer, and the peer of the relay's port in place of the SFU's", async () => {
  const response = await detour(api, { port: { from: 8788, to: 9000 } })(asked(sdp("a=x", candidate(5000))));
  expect(response.status).toBe(201);
  expect(await response.json()).toEqual({
    tracks: [1],
    bearer: "Bearer s",
    sessionDescription: { type: "answer", sdp: `${sdp("a=x")}${candidate(9000)}\r\n` },
  });
});

test("lines that are edited away reach neither side", async () => {
  const edit = (lines: readonly string[]) => lines.filter((line) => !line.includes("nack"));
  const response = await detour(api, { edit })(asked(sdp("a=rtcp-fb:96 nack pli", "a=y")));
  expect(((await response.json()) as { sessionDescription: { sdp: string } }).sessionDescription.sdp).toBe(
    `${sdp("a=y")}${candidate(8788)}\r\n`,
  );
});

test("an answer in lines is changed line by line, each as it comes, wherever its description stands", async () => {
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
  const writer = writable.getWriter();
  const headers = { "content-type": "application/x-ndjson" };
  const way = detour(async () => new Response(readable, { headers }), { port: { from: 8788, to: 9000 } });
  const response = await way(new Request("http://sfu/begin", { method: "POST", body: "{}" }));
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const line = (step: string, port: number) =>
    `${JSON.stringify({ step, body: { sessionDescription: { type: "answer", sdp: sdp(candidate(port)) } } })}\n`;
  const say = (text: string) => writer.write(new TextEncoder().encode(text));
  const first = line("push", 8788);
  void say(first.slice(0, 40)).then(() => say(first.slice(40)));
  expect((await reader?.read())?.value).toBe(line("push", 9000));
  void say(line("pull", 8788)).then(() => writer.close());
  expect((await reader?.read())?.value).toBe(line("pull", 9000));
  expect((await reader?.read())?.done).toBe(true);
});

test("what holds no description passes as it is", async () => {
  const plain = async (request: Request) => new Response(`${request.method} ${await request.text()}`);
  const way = detour(plain, { port: { from: 1, to: 2 } });
  expect(await (await way(new Request("http://sfu/", { method: "PUT", body: "no json" }))).text()).toBe("PUT no json");
  expect(await (await way(new Request("http://sfu/"))).text()).toBe("GET ");
});
