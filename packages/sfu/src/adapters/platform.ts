/** What adapters need of a platform: WebSockets that are dialled, and Opus. */

export interface SocketListener {
  message(bytes: Uint8Array): void;
  /** The other side or the network ended it. Not after a `close` of ours. */
  closed(): void;
}

export interface AdapterSocket {
  /** False when too much waits to be sent already; the message is then dropped. */
  send(message: Uint8Array): boolean;
  /** Stops reading, so that the sender has to wait. */
  pause(): void;
  resume(): void;
  /** Idempotent. Close codes are those of RFC 6455 §7.4.1. */
  close(code: 1000 | 1007): void;
}

/** 48 kHz, stereo, 16 bits, little endian, interleaved; in and out. */
export interface AudioEncoder {
  /** 20 ms of PCM to one Opus packet. The bytes are the caller's. */
  encode(pcm: Uint8Array): Uint8Array;
  free(): void;
}

export interface AudioDecoder {
  /** Undefined for what is no Opus packet. */
  decode(packet: Uint8Array): Uint8Array | undefined;
  /** What may have been in a lost packet of that many samples: from what `next`, which came after it, repeats, or guessed. */
  conceal(samples: number, next: Uint8Array | undefined): Uint8Array;
  free(): void;
}

export interface AdapterPlatform {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Sets the one alarm of the adapters, or clears it; when it rings, call `wake`. */
  setAlarm(at: number | undefined): void;
  /** 32 hexadecimal digits, unguessable. */
  newId(): string;
  /** Uniform in 0 … 2³²−1. */
  random32(): number;
  /**
   * Rejects with `websocket_localhost_not_allowed`, `websocket_address_not_allowed`, `websocket_handshake_failed`, or
   * after `timeout` ms with `websocket_connection_timeout`.
   */
  dial(endpoint: string, timeout: number, listener: SocketListener): Promise<AdapterSocket>;
  encoder(): Promise<AudioEncoder>;
  decoder(): Promise<AudioDecoder>;
  /** Hears errors that no client caused. */
  onError(error: unknown): void;
}
