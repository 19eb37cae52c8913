/** An app's own endpoint for webhooks, which checks signatures as the documentation says, and fails when told to. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { RoomEvent, WebhookBody } from "@satsuma/protocol";

export interface Receiver {
  readonly url: string;
  /** What was taken, in the order of coming. */
  readonly taken: { readonly room: string; readonly event: RoomEvent }[];
  refused: number;
  /** Taken under no secret of `secrets`. */
  forged: number;
  /** Any of them is good. */
  secrets: string[];
  /** Of the so-manieth request. */
  fails: (count: number) => boolean;
  /** Requests that were read and have no answer yet. */
  waiting: number;
  /** All that ever came. */
  requests: number;
  /** The so-manieth request has its answer when this is done. */
  answer: (count: number) => Promise<void> | undefined;
  close(): void;
}

export async function startReceiver(secrets: string[] = []): Promise<Receiver> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    receiver.requests += 1;
    const count = receiver.requests;
    receiver.waiting += 1;
    await receiver.answer(count);
    receiver.waiting -= 1;
    if (receiver.fails(count)) {
      receiver.refused += 1;
      response.writeHead(500).end();
      return;
    }
    const header = String(request.headers["satsuma-signature"]);
    if (!receiver.secrets.some((secret) => isSigned(header, body, secret))) receiver.forged += 1;
    receiver.taken.push(JSON.parse(body) as WebhookBody);
    response.writeHead(204).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    taken: [],
    refused: 0,
    forged: 0,
    secrets,
    fails: () => false,
    waiting: 0,
    requests: 0,
    answer: () => undefined,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return receiver;
}

/** One word of several is enough: while a secret is being replaced there are two. */
function isSigned(header: string, body: string, secret: string): boolean {
  const time = /^t=(\d+),/.exec(header)?.[1] ?? "";
  if (Math.abs(Date.now() / 1_000 - Number(time)) > 300) return false;
  const expected = createHmac("sha256", secret).update(`${time}.${body}`).digest();
  const signatures = [...header.matchAll(/v1=([0-9a-f]{64})/g)].map(([, hex = ""]) => Buffer.from(hex, "hex"));
  return signatures.some((signature) => timingSafeEqual(signature, expected));
}
