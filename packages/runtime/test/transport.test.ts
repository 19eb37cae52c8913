/** The transport by itself: two of them towards each other over loopback UDP. */
import { openTransports, type TransportConfig } from "@satsuma/runtime/node";
import type { Transport, TransportListener, TransportState } from "@satsuma/sfu";
import { afterEach, expect, test, vi } from "vitest";
import { freeUdpPort } from "../../../scripts/ports.ts";

const patience = { timeout: 15_000, interval: 20 };
const rtp = Uint8Array.of(0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 1, 2, 3);
const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function freePort(): Promise<TransportConfig> {
  return { port: await freeUdpPort(), bindAddress: "127.0.0.1", advertise: undefined };
}

class Heard implements TransportListener {
  readonly states: TransportState[] = [];
  readonly packets: Uint8Array[] = [];
  /** What is done with a packet besides keeping it. */
  onPacket = (): void => {};

  packet(bytes: Uint8Array): void {
    this.packets.push(bytes);
    this.onPacket();
  }

  state(state: TransportState): void {
    this.states.push(state);
  }
}

/** Two transports on ports of their own, connected. */
async function pair(errors: unknown[] = []) {
  const made = await open(errors);
  const ends = () => [made.offering.states.at(-1), made.answering.states.at(-1)];
  await vi.waitFor(() => expect(ends()).toEqual(["connected", "connected"]), patience);
  return made;
}

async function open(errors: unknown[]) {
  const [near, far] = await Promise.all([
    freePort().then((config) => openTransports(config, (error) => errors.push(error))),
    freePort().then((config) => openTransports(config, (error) => errors.push(error))),
  ]);
  closing.push(near.close, far.close);
  const [offering, answering] = [new Heard(), new Heard()];
  const offer = await near.offer(offering);
  const answer = await far.answer(offer.local, answering);
  closing.push(
    () => offer.close(),
    () => answer.close(),
  );
  offer.accept(answer.local, false);
  return { offer, answer, offering, answering };
}

async function deliver(from: Transport, to: Heard): Promise<void> {
  await vi.waitFor(() => {
    from.send(rtp);
    expect(to.packets.length).toBeGreaterThan(0);
  }, patience);
}

test("packets arrive as they were sent, both ways", async () => {
  const { offer, answer, offering, answering } = await pair();
  await deliver(offer, answering);
  await deliver(answer, offering);
  expect([...(answering.packets[0] ?? [])]).toEqual([...rtp]);
  expect([...(offering.packets[0] ?? [])]).toEqual([...rtp]);
});

test("a listener that throws loses its connection, is reported, and harms nobody else", async () => {
  const errors: unknown[] = [];
  const broken = await pair(errors);
  const whole = await pair();
  broken.answering.onPacket = () => {
    throw new Error("a bug in the listener");
  };
  await deliver(broken.offer, broken.answering);
  await vi.waitFor(() => expect(broken.answering.states.at(-1)).toBe("closed"), patience);
  expect(errors).toEqual([new Error("a bug in the listener")]);
  await deliver(whole.offer, whole.answering);
});

test("an answer that comes after the peer's own checks have begun still connects", { timeout: 60_000 }, async () => {
  // The race is one of threads, so it is run often: libdatachannel's offering side loses one in thirty on a busy machine.
  for (let count = 0; count < 40; count += 1) {
    await pair();
    for (const close of closing.splice(0)) close();
  }
});

test("the port is held from the start, and free again after the end", async () => {
  const config = await freePort();
  const first = await openTransports(config, () => {});
  await expect(openTransports(config, () => {})).rejects.toMatchObject({ code: "EADDRINUSE" });
  first.close();
  const second = await vi.waitFor(() => openTransports(config, () => {}), patience);
  second.close();
});
