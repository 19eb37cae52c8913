/** The handling of one input by this dialect: what its capabilities read, and the only way in which they speak. */
import type { Noted, OrangeServerMessage, Refusal } from "@satsuma/protocol";
import type { Effect } from "../effect.ts";
import type { SocketId } from "../input.ts";
import type { OrangeData, Seat } from "./data.ts";
import type { OrangeEffect } from "./effect.ts";
import type { Floor } from "./floor.ts";
import type { OrangeSettings } from "./settings.ts";

type Sent = OrangeEffect | Extract<Effect, { effect: "release" | "note" }>;

export class OrangeTurn {
  readonly data: OrangeData;
  readonly settings: OrangeSettings;
  readonly floor: Floor;
  readonly now: number;
  readonly #send: (effect: Sent) => void;

  constructor(data: OrangeData, settings: OrangeSettings, floor: Floor, now: number, send: (effect: Sent) => void) {
    this.data = data;
    this.settings = settings;
    this.floor = floor;
    this.now = now;
    this.#send = send;
  }

  send(effect: Sent): void {
    this.#send(effect);
  }

  note({ id }: Seat, noted: Noted): void {
    const note = { ...noted, at: this.now, meeting: this.floor.meeting() ?? null, participant: id };
    this.send({ effect: "note", note });
  }

  tell(seat: Seat, message: OrangeServerMessage): void {
    if (seat.socket !== undefined) this.send({ effect: "orange", to: [seat.socket], message });
  }

  /** To every other user's socket, those in the lobby too. */
  tellOthers(than: Seat, message: OrangeServerMessage): void {
    const to: SocketId[] = [];
    for (const seat of this.data.seats.values()) {
      if (seat !== than && seat.socket !== undefined) to.push(seat.socket);
    }
    if (to.length > 0) this.send({ effect: "orange", to, message });
  }

  refuse(socket: SocketId, { code, message }: Refusal): void {
    this.send({ effect: "orange", to: [socket], message: { type: "error", error: `${code}: ${message}` } });
  }

  /** From here on the socket has no say and is sent nothing more. */
  close(socket: SocketId, code: 1000 | 1011, reason: string): void {
    const listener = this.data.sockets.get(socket);
    this.data.sockets.delete(socket);
    const seat = listener && this.data.seats.get(listener.seat);
    if (seat?.socket === socket) seat.socket = undefined;
    this.send({ effect: "orange-close", to: socket, code, reason });
  }

  /** Everyone is to be sent the state, now or when the window is over (telling.ts). */
  changed(): void {
    this.data.told.stale = true;
  }
}
