/**
 * A room on Workers whose sockets of one address share a rate, as on Node all sockets of a process do (node/sockets.ts).
 *
 * An object sees its own room alone, so the rate is of one address in one room; over rooms there is nothing to protect,
 * since no two of them share a thread. A sleeping room forgets its rates: nobody floods it.
 */
import type { Closing, Context, Socket } from "@satsuma/durable";
import { errors } from "@satsuma/protocol";
import { AddressRate, type Meter, mostRefused, tooMany, usualMessagesPerSecond } from "../../rooms/address-rate.ts";
import type { SocketDetail } from "../../rooms/edge.ts";
import { RoomObject } from "../../rooms/object.ts";
import type { RoomPorts } from "../../rooms/ports.ts";

export class MeteredRoom extends RoomObject {
  readonly #rate: AddressRate;
  /** By socket. */
  readonly #meters = new Map<string, Meter>();

  constructor(context: Context<RoomPorts>, messagesPerSecond = usualMessagesPerSecond) {
    super(context);
    this.#rate = new AddressRate(messagesPerSecond, 4 * messagesPerSecond);
  }

  override message(socket: Socket, data: string | Uint8Array): Promise<void> | undefined {
    const { address, dialect } = socket.detail as unknown as SocketDetail;
    if (address === undefined) return super.message(socket, data);
    const now = this.context.now();
    const meter = this.#meters.get(socket.id) ?? this.#rate.enter(address, now);
    this.#meters.set(socket.id, meter);
    const retryAfter = meter.take(data.length, now);
    if (retryAfter === undefined) return super.message(socket, data);
    const why = tooMany(retryAfter);
    const frame = this.context.env.edges[dialect]?.refuse(why, typeof data === "string" ? data : undefined);
    if (frame !== undefined) socket.send(frame);
    if (meter.refused > mostRefused) socket.close(errors[why.code].close, why.code);
    return undefined;
  }

  override close(socket: Socket, closing: Closing): Promise<void> | undefined {
    this.#meters.get(socket.id)?.leave();
    this.#meters.delete(socket.id);
    return super.close(socket, closing);
  }
}
