/** A peer of the model test: keeps its own m-lines as a browser would, and knows what it may receive. */
import type { TracksResponse } from "@satsuma/protocol";
import { expect } from "vitest";
import { isRtcp, readRtpHeader } from "../src/rtp/header.ts";
import { accepting, type OfferedLine, offer } from "./descriptions.ts";
import { ascii, rtp, vp8 } from "./packets.ts";
import type { Wire, World } from "./world.ts";

interface Line {
  readonly mid: string;
  readonly kind: "audio" | "video";
  readonly role: "push" | "pull" | "closed" | "stopped";
  readonly name: string;
  /** What marks the packets of the track, unique in the test. */
  readonly mark: number;
}

const hint = /a=ssrc:(\d+) /;

export class Peer {
  readonly world: World;
  readonly app: string;
  readonly id: string;
  wire: Wire | undefined;
  lines: Line[] = [];
  /** An offer of the SFU that was not answered, with the sources it offers. */
  pending: { sdp: string; sources: Map<string, { peer: Peer; line: Line }> } | undefined;
  /** Marks that may come in, by SSRC. */
  readonly expected = new Map<number, number>();
  readonly #last = new Map<number, number>();
  readonly #sequences = new Map<number, number>();
  static #marks = 0;

  constructor(world: World, app: string, id: string) {
    this.world = world;
    this.app = app;
    this.id = id;
  }

  get gone(): boolean {
    return this.wire?.state === "closed";
  }

  async push(kind: "audio" | "video"): Promise<void> {
    Peer.#marks += 1;
    const mark = Peer.#marks;
    const line: Line = { mid: `p${mark}`, kind, role: "push", name: `track-${mark}`, mark };
    const lines = [...this.lines, line];
    const opened = this.world.wires.length;
    const response = await this.world.sfu.tracks(this.app, this.id, {
      tracks: [{ location: "local", mid: line.mid, trackName: line.name }],
      sessionDescription: offer(lines.map(offered)),
    });
    expect(response.tracks).toEqual([{ mid: line.mid, trackName: line.name }]);
    this.lines = lines;
    this.wire ??= this.world.wires[opened];
  }

  async pull(source: Peer, line: Line): Promise<TracksResponse> {
    const opened = this.world.wires.length;
    const response = await this.world.sfu.tracks(this.app, this.id, {
      tracks: [{ location: "remote", sessionId: source.id, trackName: line.name }],
    });
    const mid = response.tracks?.[0]?.mid;
    if (response.sessionDescription !== undefined && mid !== undefined) {
      this.pending = { sdp: response.sessionDescription.sdp, sources: new Map([[mid, { peer: source, line }]]) };
      this.wire ??= this.world.wires[opened];
    }
    return response;
  }

  async answer(): Promise<void> {
    const { pending } = this;
    if (pending === undefined) throw new Error("Nothing waits for an answer.");
    await this.world.sfu.renegotiate(this.app, this.id, accepting(pending.sdp));
    this.pending = undefined;
    for (const [mid, source] of pending.sources) {
      const part = pending.sdp.split(/(?=^m=)/m).find((text) => text.includes(`a=mid:${mid}\r\n`)) ?? "";
      const ssrc = Number(hint.exec(part)?.[1]);
      const index = pending.sdp.split(/(?=^m=)/m).indexOf(part) - 1;
      this.lines[index] = { mid, kind: source.line.kind, role: "pull", name: source.line.name, mark: ssrc };
      this.expected.set(ssrc, source.line.mark);
    }
  }

  /** Closes one m-line by force or by stopping it. */
  async close(line: Line, force: boolean): Promise<void> {
    const role = force ? "closed" : "stopped";
    const lines = this.lines.map((other) => (other === line ? ({ ...other, role } as const) : other));
    const sessionDescription = force ? undefined : offer(lines.map(offered));
    await this.world.sfu.close(this.app, this.id, {
      tracks: [{ mid: line.mid }],
      force,
      ...(sessionDescription && { sessionDescription }),
    });
    this.lines = lines;
    if (line.role === "pull") this.expected.delete(line.mark);
  }

  /** Sends the next packet of a track that it publishes; the mark is at the end of the payload. */
  send(line: Line): void {
    // What is lost on the way leaves a gap for subscribers too; that is not what is looked for here.
    if (this.wire?.state !== "connected") return;
    const sequence = (this.#sequences.get(line.mark) ?? 65_500) & 0xffff;
    this.#sequences.set(line.mark, sequence + 1);
    const payload = Uint8Array.of(...vp8({ key: sequence % 3 === 0 }), line.mark >> 8, line.mark & 0xff);
    this.wire.deliver(
      rtp({
        payloadType: line.kind === "audio" ? 111 : 96,
        ssrc: 0x5000_0000 + line.mark,
        sequence,
        payload,
        extensions: [{ id: 4, data: ascii(line.mid) }],
      }),
    );
  }

  /** Everything received since the last check is of a track that this peer pulled, numbered without a gap. */
  check(): number {
    let packets = 0;
    for (const packet of this.wire?.take() ?? []) {
      if (isRtcp(packet)) continue;
      packets += 1;
      const header = readRtpHeader(packet);
      if (header === undefined) throw new Error("The SFU sends whole packets.");
      const end = header.payloadEnd;
      const mark = ((packet[end - 2] ?? 0) << 8) | (packet[end - 1] ?? 0);
      expect(this.expected.get(header.ssrc), `a packet of track ${mark} at ${this.id}`).toBe(mark);
      const last = this.#last.get(header.ssrc);
      if (last !== undefined) expect(header.sequence).toBe((last + 1) & 0xffff);
      this.#last.set(header.ssrc, header.sequence);
    }
    return packets;
  }
}

function offered(line: Line): OfferedLine {
  const { mid, kind, role } = line;
  if (role === "stopped") return { mid, kind, port: 0, direction: "inactive" };
  return { mid, kind, direction: role === "push" ? "sendonly" : role === "pull" ? "recvonly" : "inactive" };
}
