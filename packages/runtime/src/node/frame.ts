/**
 * Text as WebSocket frames, ready for the wire. What is said to many is encoded once: the last text asked for is kept,
 * and a room says each thing to all its sockets in a row.
 */
export class Frames {
  #text = "";
  #frame = frameOf("");

  of(text: string): Buffer {
    // The same string is recognised by its address, without a look at its characters.
    if (text !== this.#text) {
      this.#text = text;
      this.#frame = frameOf(text);
    }
    return this.#frame;
  }
}

/** A whole message in one frame, as servers send them: final, text, unmasked (RFC 6455 §5.2). */
function frameOf(text: string): Buffer {
  const bytes = Buffer.byteLength(text);
  const head = bytes < 126 ? 2 : bytes < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + bytes);
  frame[0] = 0x81;
  if (head === 2) frame[1] = bytes;
  else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(bytes, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(bytes), 2);
  }
  frame.write(text, head);
  return frame;
}
