/** Data channels of a peer that reads nothing, or speaks where nobody listens. The native ones are not real. */
import type { DataChannel, PeerConnection } from "node-datachannel";
import { expect, test, vi } from "vitest";
import { Channels } from "./channels.ts";

/** One of libdatachannel that keeps what it is given, for a peer that reads nothing. */
class Native {
  bytes = 0;
  open = true;
  close = vi.fn();
  message: (message: string | ArrayBuffer) => void = () => {};
  isOpen = () => this.open;
  bufferedAmount = () => this.bytes;
  onClosed = () => {};
  onMessage = (heard: (message: string | ArrayBuffer) => void) => {
    this.message = heard;
  };
  onError = () => {};
  onOpen = () => {};
  sendMessage = (text: string) => this.sendMessageBinary(Buffer.from(text));
  sendMessageBinary = (bytes: Uint8Array) => {
    this.bytes += bytes.length;
    return true;
  };
}

function connection(open = true) {
  const natives: Native[] = [];
  const errors: unknown[] = [];
  let opened: (native: DataChannel) => void = () => {};
  const channels = new Channels(
    {
      onDataChannel(heard: typeof opened) {
        opened = heard;
      },
      createDataChannel: () => {
        const native = Object.assign(new Native(), { open });
        natives.push(native);
        return native;
      },
    } as unknown as PeerConnection,
    (step) => {
      try {
        step();
      } catch (error) {
        errors.push(error);
      }
    },
  );
  const create = (id: number, message: () => void = () => {}) =>
    channels.create(
      { label: "chat", id, ordered: true, maxRetransmits: undefined, maxPacketLifeTime: undefined },
      { message, closed: () => {} },
    );
  return { natives, errors, create, open: (native: Native) => opened(native as unknown as DataChannel) };
}

test.each([
  ["reads nothing", true, 32],
  ["never opens them", false, 32],
])("a peer that %s on its 256 channels has a bounded number of bytes waiting", (_, open, most) => {
  const { create } = connection(open);
  const channels = Array.from({ length: 256 }, (_, id) => create(id));
  const message = new Uint8Array(16_384);
  let bytes = 0;
  for (let round = 0; round < 100; round += 1) {
    for (const channel of channels) if (channel.send(message)) bytes += message.length;
  }
  expect(bytes).toBeGreaterThan(16 * 2 ** 20);
  expect(bytes).toBeLessThan(most * 2 ** 20 + 256 * message.length);
});

test("a single slow reader has four megabytes waiting, as ever", () => {
  const { natives, create } = connection();
  const channel = create(1);
  while (channel.send(new Uint8Array(16_384)));
  expect(natives[0]?.bytes).toBe(4 * 2 ** 20 + 16_384);
});

test("a channel that the peer opened by itself stays, until something is said on it", () => {
  const { open } = connection();
  const native = new Native();
  open(native);
  expect(native.close).not.toHaveBeenCalled();
  native.message("?");
  expect(native.close).toHaveBeenCalled();
});

test("what goes wrong over a message is not thrown at libdatachannel", () => {
  const { natives, errors, create } = connection();
  create(1, () => {
    throw new Error("broken");
  });
  natives[0]?.message("hello");
  expect(errors).toEqual([new Error("broken")]);
});
